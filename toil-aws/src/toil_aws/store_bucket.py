"""The life of a job store's bucket: made, found, removed; and telling it from buckets that are none.

=====================  =============================================================================
``toil-claim``         put first, conditionally: whose put succeeds makes the store; removed last
``toil-job-store``     put when the store is complete: its presence is the store; removed first
``toil-probe/...``     written while the store is made, see ``conditional_writes``
``objects/...``        the objects of the store
=====================  =============================================================================

The bucket carries the tag ``toil-job-store`` besides. One that has neither claim nor tag is removed
only if it is empty and has no tags, as a creation leaves it that was cut short at once; anything else
is somebody's, and left alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from toil_aws.bucket import Bucket
from toil_aws.checksums import CRC32, MD5
from toil_aws.conditional_writes import PROBES, NoConditionalWrites, probe, put_conditionally
from toil_aws.failure import NO_BUCKET, UNSUPPORTED, S3Failure
from toil_aws.place import Place
from toil_aws.s3_client import S3Client
from toil_aws.tags import OURS
from toil_core.errors import NoSuchStore, StorageError, StoreExists, StoreFormatError

FORMAT = 1
CLAIM = "toil-claim"
MARK = "toil-job-store"
OBJECTS = "objects/"
_CHECKSUM_PROBE = PROBES + "checksum"

_TRIES = 20
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_OWN = ("BucketAlreadyOwnedByYou",)
_ELSEWHERE = ("InvalidLocationConstraint", "IllegalLocationConstraintException")


class StoreBucket:
    """One place's bucket. Raises ``S3Failure`` for what the service refuses, else the contract's errors."""

    def __init__(self, place: Place, client: S3Client) -> None:
        self._place = place
        self._client = client
        self._bucket = Bucket(client, place.bucket)
        self._first = Bucket(client.hurried(), place.bucket)

    def create(self, facts: Mapping[str, str], tags: Mapping[str, str]) -> Mapping[str, str]:
        """Make the store; its facts. Raises ``StoreExists``; what it made and cannot finish it removes."""
        self._make_bucket()
        self._check_free()
        whole = {"format": str(FORMAT), "region": self._place.region, **facts}
        try:
            if not put_conditionally(self._bucket, CLAIM, uuid.uuid4().hex.encode()):
                raise self._exists()
        except NoConditionalWrites as error:
            self._remove_if_empty()
            raise self._unfit(error) from error
        try:
            probe(self._bucket)
            whole["checksum"] = CRC32 if self._bucket.knows_checksums(_CHECKSUM_PROBE) else MD5
            self._bucket.delete([_CHECKSUM_PROBE])
            self._tag(tags)
            self._finish(json.dumps(whole).encode())
        except NoConditionalWrites as error:
            self._undo()
            raise self._unfit(error) from error
        except BaseException:
            self._undo()
            raise
        return whole

    def open(self, *, is_first: bool = False) -> Mapping[str, str]:
        """The store's facts; ``is_first`` gives up soon. Raises ``NoSuchStore``, ``StoreFormatError``."""
        bucket = self._first if is_first else self._bucket
        try:
            content = bucket.piece(MARK, 0, 1 << 20).content
        except S3Failure as failure:
            if failure.code in NO_BUCKET:
                raise self.missing() from failure
            if failure.is_absent:
                raise self._unfinished() from failure
            raise
        try:
            facts: dict[str, str] = json.loads(content)
            number, region = int(facts["format"]), facts["region"]
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(f'The object "{MARK}" of {self._name} is damaged', "It is not one of ours") from error
        if number != FORMAT:
            raise StoreFormatError(
                f"{self._name} has format {number}; this version reads format {FORMAT}",
                "Try: pip install --upgrade toil-aws",
            )
        if region != self._place.region:
            raise NoSuchStore(*self._elsewhere(region))
        return facts

    def destroy(self) -> None:
        """Remove the store with its bucket; no error if there is none, or others do the same."""
        claims: set[bytes | None] = set()
        for _ in range(_TRIES):
            try:
                if not claims and (region := self._kept_region()) != self._place.region:
                    raise StorageError(*self._elsewhere(region))
                claim = self._claim()
                if claims and claim is not None and claim not in claims:
                    return  # a new store, made when somebody else had removed ours
                claims.add(claim)
                if self._removed(claim):
                    return
            except S3Failure as failure:
                if failure.code in NO_BUCKET:
                    return
                # Others who remove it may be ahead of us.
                if not failure.is_absent:
                    raise
        raise StorageError(f"{self._name} is still written to", "Stop the workers that write to it, and try again")

    def _removed(self, claim: bytes | None) -> bool:
        tags = {} if claim is not None else self._tags()
        if claim is not None or tags.get(OURS) == self._place.name:
            self._empty()
        elif tags or self._bucket.has_any():
            raise self._foreign()
        return self._remove_if_empty()

    def _claim(self) -> bytes | None:
        """What the claim says, which is different for each store; ``None`` if there is none."""
        try:
            return self._bucket.piece(CLAIM, 0, 1 << 10).content
        except S3Failure as failure:
            if failure.is_absent:
                return None
            raise

    def _kept_region(self) -> str:
        """The region that the mark tells, or the place's if there is no mark that tells one."""
        try:
            return str(json.loads(self._first.piece(MARK, 0, 1 << 20).content)["region"])
        except (ValueError, KeyError, TypeError):
            return self._place.region
        except S3Failure as failure:
            if failure.is_absent:
                return self._place.region
            raise

    def _elsewhere(self, region: str) -> tuple[str, str]:
        there = f"aws:{region}:{self._place.name}"
        return f"There is no job store at {self._place.locator}: its bucket is in {region}", f"Try: {there}"

    def missing(self) -> NoSuchStore:
        """There is no such store."""
        return NoSuchStore(f"There is no job store at {self._place.locator}", "Check the region and the name")

    @property
    def _name(self) -> str:
        return f"The job store {self._place.locator}"

    def _make_bucket(self) -> None:
        try:
            try:
                self._ask_for_bucket(self._client.hurried())
            except S3Failure as failure:
                # A bucket of that name was removed just now, and the service is not done with it.
                if failure.code != "OperationAborted":
                    raise
                self._ask_for_bucket(self._client)
        except S3Failure as failure:
            if failure.code == "BucketAlreadyExists":
                raise StorageError(
                    f"{self._name} could not be made: the bucket {self._place.bucket} belongs to somebody else",
                    "Choose another name",
                ) from failure
            if failure.code not in _OWN:
                raise

    def _ask_for_bucket(self, client: S3Client) -> None:
        region = self._place.region
        named: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            client.call("create_bucket", Bucket=self._place.bucket, **({} if region == "us-east-1" else named))
        except S3Failure as failure:
            # Other services' regions have other names, or none.
            if failure.code not in _ELSEWHERE or client.server.is_amazon:
                raise
            client.call("create_bucket", Bucket=self._place.bucket)

    def _check_free(self) -> None:
        """Raises unless the bucket, which is there, holds nothing, and carries no tags of others."""
        if self._bucket.has_any():
            raise self._exists() if CLAIM in self._bucket.keys(CLAIM) else self._foreign()
        if OURS not in (tags := self._tags()) and tags:
            raise self._foreign()

    def _tag(self, tags: Mapping[str, str]) -> None:
        whole = [{"Key": key, "Value": value} for key, value in {**tags, OURS: self._place.name}.items()]
        try:
            self._client.call("put_bucket_tagging", Bucket=self._place.bucket, Tagging={"TagSet": whole})
        except S3Failure as failure:
            # The claim tells whose it is as well; what was asked for must be done.
            if tags or not (failure.is_denied or failure.code in UNSUPPORTED):
                raise

    def _finish(self, facts: bytes) -> None:
        """Keep the public out of the bucket, and mark it as complete."""
        is_blocked = self._block_public(*_BLOCKS)
        try:
            self._bucket.put(MARK, facts)
        except S3Failure as failure:
            # Ceph 16 takes a put without an ACL for one with a public ACL.
            if not (is_blocked and failure.is_denied and not self._client.server.is_amazon):
                raise
            self._block_public(*_BLOCKS[1:])
            self._bucket.put(MARK, facts)

    def _block_public(self, *blocks: str) -> bool:
        try:
            self._client.call(
                "put_public_access_block",
                Bucket=self._place.bucket,
                PublicAccessBlockConfiguration={block: block in blocks for block in _BLOCKS},
            )
        except S3Failure as failure:
            # Amazon blocks the public from new buckets by itself; other services may have no such setting.
            if not (failure.is_denied or failure.code in UNSUPPORTED):
                raise
            return False
        return True

    def _tags(self) -> Mapping[str, str]:
        try:
            answer = self._client.call("get_bucket_tagging", Bucket=self._place.bucket)
        except S3Failure as failure:
            if failure.code in ("NoSuchTagSet", "NoSuchTagSetError", *UNSUPPORTED) or failure.is_denied:
                return {}
            raise
        return {str(tag["Key"]): str(tag["Value"]) for tag in answer.get("TagSet", ())}

    def _empty(self) -> None:
        """Remove all that is in the bucket: the mark first, the claim last."""
        self._bucket.delete([MARK])
        waiting: list[dict[str, str]] = []
        claims: list[dict[str, str]] = []
        for page in self._versions():
            (claims if page["Key"] == CLAIM else waiting).append(page)
            if len(waiting) == 1000:
                self._bucket.delete_named(waiting)
                waiting = []
        self._bucket.delete_named(waiting)
        marks = {"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"}
        for answer in self._client.pages("list_multipart_uploads", marks, Bucket=self._place.bucket):
            for upload in answer.get("Uploads", ()):
                self._bucket.give_up_parts(str(upload["Key"]), str(upload["UploadId"]))
        self._bucket.delete_named(claims)

    def _versions(self) -> Iterator[dict[str, str]]:
        """All objects, also older versions of them where an administrator has these kept."""
        marks = {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}
        for answer in self._client.pages("list_object_versions", marks, Bucket=self._place.bucket):
            for entry in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())):
                yield {"Key": str(entry["Key"]), "VersionId": str(entry["VersionId"])}

    def _undo(self) -> None:
        self._empty()
        self._remove_if_empty()

    def _remove_if_empty(self) -> bool:
        """Remove the bucket unless something is in it; whether it is gone."""
        try:
            self._client.call("delete_bucket", Bucket=self._place.bucket)
        except S3Failure as failure:
            if failure.code == "BucketNotEmpty":
                return False
            if failure.code not in NO_BUCKET:
                raise
        return True

    def _exists(self) -> StoreExists:
        locator = f"aws:{self._kept_region()}:{self._place.name}"
        return StoreExists(
            f"A job store is already at {locator}", f"Go on by --restart, or remove it: toil clean {locator}"
        )

    def _unfinished(self) -> NoSuchStore:
        return NoSuchStore(
            f"{self._name} was never finished being made, or is being removed",
            f"Remove it with: toil clean {self._place.locator}",
        )

    def _foreign(self) -> StorageError:
        return StorageError(
            f"The bucket {self._place.bucket} of {self._place.locator} is used for something else than a job store",
            "It was left alone; choose another name",
        )

    def _unfit(self, error: NoConditionalWrites) -> StorageError:
        return StorageError(
            f"{self._name} could not be made: {self._client.endpoint.shown} has no conditional writes, without which"
            f" results could be lost: {error}",
            "Use a server that has them, such as Amazon S3 or Ceph, or another kind of job store",
        )
