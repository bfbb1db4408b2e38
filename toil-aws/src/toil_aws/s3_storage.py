"""The job store ``aws``: objects in a bucket of Amazon S3, or of a server that speaks its language."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from toil_aws.bucket import Bucket
from toil_aws.checksums import MD5
from toil_aws.copying import copy, look
from toil_aws.download import Source, download
from toil_aws.encryption import Encryption, chosen_encryption, kept_encryption
from toil_aws.endpoint import Endpoint, endpoint, home_region
from toil_aws.failure import NO_BUCKET, S3Failure
from toil_aws.place import Place, place
from toil_aws.s3_client import PATIENCE, S3Client
from toil_aws.s3_options import S3Options
from toil_aws.s3_url import paid_bucket, split_url
from toil_aws.store_bucket import OBJECTS, StoreBucket
from toil_aws.tags import asked_tags
from toil_aws.upload import upload, upload_new
from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchUrl, ObjectExists, StorageError, StoreFull, UsageError
from toil_core.model.object_key import check_key, is_key
from toil_core.system.retry import Patience

_known: dict[tuple[Endpoint, str], Mapping[str, str]] = {}
"""Facts of stores that this process, or one that it was forked from, has made or opened."""


class S3Storage(Storage):
    """The store at ``aws:REGION:NAME``. Used on after a fork, by parent and child.

    Without ``options`` they come from the environment; the server always does, unless a test says
    otherwise.
    """

    def __init__(
        self,
        rest: str,
        options: S3Options | None = None,
        server: Endpoint | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._place: Place = place(rest, home_region(os.environ))
        self._options = options or _options_of_environment(os.environ)
        self._client = S3Client(server or endpoint(os.environ, self._place.region), patience)
        self._store = StoreBucket(self._place, self._client)
        self._objects: Bucket | None = None

    def create(self) -> None:
        """Make the bucket, once the server has shown that it carries out conditional writes."""
        encryption = chosen_encryption(self._options)
        if encryption.key:
            self._check_private()
        with self._doing("be made"):
            facts = self._store.create(encryption.facts, asked_tags(os.environ))
        self._objects = self._bucket_with(encryption, facts)
        _known[self._client.endpoint, self._place.bucket] = facts

    def open(self) -> None:
        """Check that the store is there, and learn how its objects are encrypted. A server that is not there is
        waited for some seconds, not minutes."""
        with self._doing("be opened"):
            facts = self._store.open(is_first=True)
        self._objects = self._bucket_of(facts)
        _known[self._client.endpoint, self._place.bucket] = facts

    def destroy(self) -> None:
        """Remove the bucket with all versions and unfinished uploads; refuses one that is no job store."""
        _known.pop((self._client.endpoint, self._place.bucket), None)
        with self._doing("be removed"):
            self._store.destroy()

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object durably; see the contract. Errors of the stream itself pass through."""
        name = OBJECTS + check_key(key)
        with self._doing(f'write "{key}"'):
            if not if_absent:
                upload(self._bucket(), name, content, keeps_sums=True)
            elif not upload_new(self._bucket(), name, content):
                raise ObjectExists(f'The job store {self._place.locator} holds "{key}" already')

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of an object's bytes. One that is replaced while it is read raises ``StorageError``."""
        name = OBJECTS + check_key(key)
        operation = f'read "{key}"'
        with self._doing(operation, key):
            return download(Source(self._bucket(), name, self._failed(operation, key)), start, length)

    def copy_url(self, key: str, url: str) -> int | None:
        """Have the service copy an object of any bucket that these credentials may read."""
        name = OBJECTS + check_key(key)
        if not url.startswith("s3://"):
            return None
        there, source_key = split_url(url)
        if not source_key or source_key.endswith("/"):
            return None
        source = paid_bucket(self._client, there)
        with self._doing(f'copy {url} to "{key}"'):
            bucket = self._bucket()
            try:
                version = look(source, source_key)
            except S3Failure as failure:
                if failure.is_absent:
                    raise NoSuchUrl(f"There is nothing at {url}") from failure
                raise
            return None if version is None else copy(bucket, name, source, version)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand a request."""
        names = [check_key(key) for key in keys]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        with self._doing(f'delete "{names[0] if names else ""}"{more}'):
            self._bucket().delete(OBJECTS + name for name in names)

    def list(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, a thousand a request."""
        if "/" in prefix and not is_key(prefix.rpartition("/")[0]):
            return
        with self._doing(f'list "{prefix}"'):
            for name in self._bucket().keys(OBJECTS + prefix):
                yield name.removeprefix(OBJECTS)

    def size(self, key: str) -> int:
        """An object's length in bytes."""
        name = OBJECTS + check_key(key)
        with self._doing(f'look at "{key}"', key):
            return self._bucket().size(name)

    def public_url(self, key: str) -> str | None:
        """None: what is in the bucket is nobody's but its owner's."""
        check_key(key)
        return None

    def _bucket(self) -> Bucket:
        if self._objects is None:
            facts = _known.get((self._client.endpoint, self._place.bucket))
            self._objects = self._bucket_of(self._store.open() if facts is None else facts)
        return self._objects

    def _bucket_of(self, facts: Mapping[str, str]) -> Bucket:
        encryption = kept_encryption(facts, self._options.sse_key, f"the job store {self._place.locator}")
        if encryption.key:
            self._check_private()
        return self._bucket_with(encryption, facts)

    def _bucket_with(self, encryption: Encryption, facts: Mapping[str, str]) -> Bucket:
        return Bucket(self._client, self._place.bucket, encryption, checksum=facts.get("checksum", MD5))

    def _check_private(self) -> None:
        with self._doing("be reached"):
            server = self._client.server
        if not server.is_private:
            raise UsageError(
                f"The key of --sse-key would go to {server.shown} without encryption",
                "Use a server with TLS",
            )

    @contextmanager
    def _doing(self, operation: str, key: str = "") -> Iterator[None]:
        try:
            yield
        except S3Failure as failure:
            raise self._failed(operation, key)(failure) from failure

    def _failed(self, operation: str, key: str = "") -> Callable[[S3Failure], StorageError]:
        """What makes the contract's errors of failures of an operation."""
        return lambda failure: self._error(failure, operation, key)

    def _error(self, failure: S3Failure, operation: str, key: str) -> StorageError:
        locator = self._place.locator
        if failure.code in NO_BUCKET:
            return self._store.missing()
        if failure.is_absent and key:
            return NoSuchObject(f'The job store {locator} holds no "{key}"')
        kind = StoreFull if failure.is_full else StorageError
        return kind(f"The job store {locator} could not {operation}: {failure.reason}", failure.cure)


def _options_of_environment(environment: Mapping[str, str]) -> S3Options:
    return S3Options(
        environment.get("TOIL_SSE_KEY") or None,
        environment.get("TOIL_S3_ENCRYPTION") or "bucket",
        environment.get("TOIL_S3_KMS_KEY") or None,
    )
