"""One bucket's objects, as single requests."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO

from toil_aws.checksums import CRC32, MD5, md5, of_digest, of_part, of_upload
from toil_aws.encryption import Encryption
from toil_aws.failure import BEHIND_THE_END, TAKEN, UNSUPPORTED, S3Failure, refusal
from toil_aws.s3_client import S3Client

DIGEST = "toil-md5"
"""Metadata: of an object put in one request, the MD5 of its content."""
TOKEN = "toil-put"
"""Metadata: which call put the object."""
SUM = "toil-crc32"
"""Metadata: what the CRC-32s of those parts come to, where the server makes none."""
PARTS = "toil-parts"
"""Metadata: the object was cut as ``part_sizes`` says, and its checksum is of that kind."""

_PAGE = 1000
_ETAG_OF_PARTS = re.compile(r"[0-9a-f]{32}-\d+")
_NOT_KNOWN = (*UNSUPPORTED, "InvalidArgument", "InvalidRequest")
_WRONG_DIGESTS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of an object. ``digest`` is the MD5 of all of it, if it was put in one request; ``parts`` the
    kind of its checksum, if it was put in parts, and ``whole`` what ``checksums.of_parts`` must come to.
    Each is empty where it is not known."""

    content: bytes
    total: int
    etag: str
    digest: str = ""
    parts: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """An object as it was at a time, told by its ETag; ``size`` in bytes."""

    bucket: str
    key: str
    etag: str
    size: int

    @property
    def to_copy(self) -> dict[str, Any]:
        """What a request must say that copies it, and nothing that has taken its place; whoever asks pays."""
        source = {"Bucket": self.bucket, "Key": self.key}
        return {"CopySource": source, "CopySourceIfMatch": self.etag, "RequestPayer": "requester"}


class Bucket:
    """Thread-safe; raises ``S3Failure``. ``said`` are parameters of every request for an object."""

    def __init__(
        self,
        client: S3Client,
        name: str,
        encryption: Encryption | None = None,
        said: Mapping[str, str] | None = None,
        checksum: str = MD5,
    ) -> None:
        self.client = client
        self.name = name
        self.encryption = encryption or Encryption()
        self._checksum = checksum
        self._said: dict[str, Any] = {"Bucket": name, **(said or {})}

    def put(self, key: str, content: bytes | bytearray, metadata: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write an object of up to 5 GiB."""
        self._put(key, content, md5(content), metadata)

    def put_new(self, key: str, content: bytes | bytearray | BinaryIO, digest: bytes | None = None) -> bool:
        """Write an object if there is none; whether it did. A stream is one that can be rewound, with its MD5.

        A request that is repeated may find what its own first try wrote: the object tells who put it.
        """
        token = uuid.uuid4().hex
        if digest is None:
            if not isinstance(content, bytes | bytearray):
                raise TypeError("a stream needs its digest")
            digest = md5(content)
        try:
            self._put(key, content, digest, {TOKEN: token}, IfNoneMatch="*")
        except S3Failure as failure:
            if failure.code not in TAKEN:
                raise
            return failure.tries > 1 and self.was_put_by(key, token)
        return True

    def was_put_by(self, key: str, token: str) -> bool:
        """Whether the object is there, and carries that token."""
        try:
            return bool(self._first_byte(key, lambda answer: answer["Metadata"].get(TOKEN) == token))
        except S3Failure as failure:
            if failure.is_absent:
                return False
            raise

    def _put(
        self, key: str, content: bytes | bytearray | BinaryIO, digest: bytes, metadata: Mapping[str, str], **more: Any
    ) -> None:
        self.client.call(
            "put_object",
            Key=key,
            Body=content,
            Metadata={DIGEST: digest.hex(), **metadata},
            **of_digest(digest),
            **self._said,
            **self.encryption.to_write,
            **more,
        )

    def size(self, key: str) -> int:
        """An object's length. Asked for by reading, for then the service says what is missing."""
        return int(self._first_byte(key, _total))

    def facts(self, key: str) -> tuple[int, Mapping[str, str]]:
        """An object's length and metadata."""
        found: tuple[int, Mapping[str, str]] = self._first_byte(
            key, lambda answer: (_total(answer), answer.get("Metadata", {}))
        )
        return found

    def version(self, key: str) -> Version:
        """An object as it is now."""
        found: Version = self._first_byte(
            key, lambda answer: Version(self.name, key, str(answer.get("ETag", "")).strip('"'), _total(answer))
        )
        return found

    def copy(self, key: str, source: Version) -> None:
        """Have the service write an object with the content of another, of up to 5 GiB."""
        self.client.call(
            "copy_object",
            Key=key,
            MetadataDirective="REPLACE",
            TaggingDirective="REPLACE",
            **source.to_copy,
            **self._said,
            **self.encryption.to_write,
        )

    def _first_byte(self, key: str, then: Callable[[Any], Any]) -> Any:  # what ``then`` returns
        def look(answer: Any) -> Any:
            with closing(answer["Body"]) as body:
                body.read()
            return then(answer)

        parameters = {"Key": key, **self._said, **self.encryption.to_read}
        try:
            return self.client.call("get_object", look, Range="bytes=0-0", **parameters)
        except S3Failure as failure:
            if failure.code not in BEHIND_THE_END:
                raise
        return self.client.call("get_object", look, **parameters)

    def piece(self, key: str, start: int, length: int) -> Piece:
        """At most so many bytes from ``start``. A whole object is checked before it is returned."""
        wrong = 0

        def read(answer: Any) -> Piece:
            nonlocal wrong
            with closing(answer["Body"]) as body:
                content: bytes = body.read()
            total = _total(answer)
            if len(content) != min(length, total - start):
                raise S3Failure("", "the connection broke", "Try again", 0.0)
            piece = Piece(content, total, str(answer.get("ETag", "")).strip('"'), *_expected(answer))
            if len(content) == total and piece.digest and md5(content).hex() != piece.digest:
                wrong += 1
                raise wrong_bytes(None if wrong >= _WRONG_DIGESTS else 0.0)
            return piece

        try:
            found: Piece = self.client.call(
                "get_object",
                read,
                Key=key,
                Range=f"bytes={start}-{start + length - 1}",
                **self._said,
                **self.encryption.to_read,
            )
            return found
        except S3Failure as failure:
            if failure.code not in BEHIND_THE_END:
                raise
        return Piece(b"", start, "")

    def whole_checksum(self, key: str) -> str:
        """The CRC-32 of the parts' CRC-32s, which some services do not tell with a part; empty if unknown."""
        answer = self.client.call(
            "head_object", Key=key, ChecksumMode="ENABLED", **self._said, **self.encryption.to_read
        )
        return _crc32_told(answer)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand a request."""
        waiting = list(dict.fromkeys(keys))
        for begin in range(0, len(waiting), _PAGE):
            self.delete_named([{"Key": key} for key in waiting[begin : begin + _PAGE]])

    def delete_named(self, objects: list[dict[str, str]]) -> None:
        """Remove up to a thousand objects or versions of them."""
        if objects:
            self.client.call(
                "delete_objects", _check_deletions, Delete={"Objects": objects, "Quiet": True}, **self._said
            )

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that start with a prefix, in their order."""
        for page in self._pages(Prefix=prefix):
            for entry in page.get("Contents", ()):
                yield str(entry["Key"])

    def folder(self, prefix: str) -> tuple[list[str], list[str]]:
        """The keys directly below a prefix that ends with a slash, and the prefixes directly below it."""
        keys: list[str] = []
        folders: list[str] = []
        for page in self._pages(Prefix=prefix, Delimiter="/"):
            keys += [str(entry["Key"]) for entry in page.get("Contents", ())]
            folders += [str(entry["Prefix"]) for entry in page.get("CommonPrefixes", ())]
        return keys, folders

    def has_any(self, prefix: str = "") -> bool:
        """Whether some key starts with a prefix."""
        answer = self.client.call("list_objects_v2", Prefix=prefix, MaxKeys=1, **self._said)
        return bool(answer.get("Contents"))

    def _pages(self, **parameters: str) -> Iterator[Any]:
        marks = {"NextContinuationToken": "ContinuationToken"}
        return self.client.pages("list_objects_v2", marks, **self._said, **parameters)

    def knows_checksums(self, key: str) -> bool:
        """Whether the server checks Amazon's checksums; ``key`` is written to find out."""
        checksum = of_part(CRC32, b"")
        try:
            answer = self.client.call("put_object", Key=key, Body=b"", **checksum, **self._said)
        except S3Failure as failure:
            if failure.code in _NOT_KNOWN:
                return False
            raise
        return bool(answer.get("ChecksumCRC32") == checksum["ChecksumCRC32"])

    @property
    def makes_sums(self) -> bool:
        """Whether the server makes checksums that take little time to compare with."""
        return self._checksum == CRC32

    # Objects in parts.

    def begin_parts(self, key: str, token: str, metadata: Mapping[str, str]) -> str:
        """Begin an object in parts: its upload's id."""
        answer = self.client.call(
            "create_multipart_upload",
            Key=key,
            Metadata={TOKEN: token, PARTS: self._checksum, **metadata},
            **of_upload(self._checksum),
            **self._said,
            **self.encryption.to_write,
        )
        return str(answer["UploadId"])

    def put_part(self, key: str, upload: str, number: int, content: bytes | bytearray) -> dict[str, Any]:
        """Store a part: what the request that ends the upload must say of it."""
        # Without TLS the signature covers the content, which the server checks (AWS Signature Version 4).
        is_signed = self._checksum == MD5 and self.client.server.url.startswith("http:")
        checksum = {} if is_signed else of_part(self._checksum, content)
        answer = self.client.call(
            "upload_part",
            Key=key,
            UploadId=upload,
            PartNumber=number,
            Body=content,
            **checksum,
            **self._said,
            **self.encryption.to_read,
        )
        told = {name: checksum[name] for name in ("ChecksumCRC32",) if name in checksum}
        return {"PartNumber": number, "ETag": str(answer["ETag"]), **told}

    def begin_copy(self, key: str, token: str) -> str:
        """Begin an object of parts that the service copies: its upload's id."""
        answer = self.client.call(
            "create_multipart_upload", Key=key, Metadata={TOKEN: token}, **self._said, **self.encryption.to_write
        )
        return str(answer["UploadId"])

    def copy_part(self, key: str, upload: str, number: int, source: Version, start: int, length: int) -> dict[str, Any]:
        """Have the service copy some bytes of an object as a part: what the request must say that ends the upload."""
        answer = self.client.call(
            "upload_part_copy",
            Key=key,
            UploadId=upload,
            PartNumber=number,
            CopySourceRange=f"bytes={start}-{start + length - 1}",
            **source.to_copy,
            **self._said,
            **self.encryption.to_read,
        )
        return {"PartNumber": number, "ETag": str(answer["CopyPartResult"]["ETag"])}

    def end_parts(self, key: str, upload: str, parts: list[dict[str, Any]], token: str) -> None:
        """Have the parts become the object. Asked again, a service may have forgotten the upload that it ended."""
        try:
            self.client.call(
                "complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **self._said
            )
        except S3Failure as failure:
            if failure.code != "NoSuchUpload" or not self.was_put_by(key, token):
                raise

    def give_up_parts(self, key: str, upload: str) -> None:
        """Remove the parts of an upload; one that is gone is no error."""
        try:
            self.client.hurried().call("abort_multipart_upload", Key=key, UploadId=upload, **self._said)
        except S3Failure as failure:
            if not failure.is_absent:
                raise


def wrong_bytes(asked_seconds: float | None = None) -> S3Failure:
    """What was read is not what was written."""
    return S3Failure(
        "", "what came is not what was written", "Try again; if it stays, the object is damaged", asked_seconds
    )


def _total(answer: Any) -> int:
    """The length of the whole object, of which a part may have come (RFC 9110 section 14.4)."""
    told = str(answer.get("ContentRange", "")).rpartition("/")[2]
    return int(told) if told.isdecimal() else int(answer["ContentLength"])


def _expected(answer: Any) -> tuple[str, str, str]:
    metadata = answer.get("Metadata", {})
    kind = str(metadata.get(PARTS, ""))
    if not kind:
        return str(metadata.get(DIGEST, "")), "", ""
    if kind == CRC32:
        return "", kind, _crc32_told(answer)
    if SUM in metadata:
        return "", CRC32, str(metadata[SUM])
    # With keys of KMS or the customer's own an ETag is no MD5.
    is_digest = answer.get("ServerSideEncryption") in (None, "AES256") and not answer.get("SSECustomerAlgorithm")
    etag = str(answer.get("ETag", "")).strip('"')
    return "", kind, etag if is_digest and _ETAG_OF_PARTS.fullmatch(etag) else ""


def _crc32_told(answer: Any) -> str:
    return str(answer.get("ChecksumCRC32", "")).partition("-")[0]


def _check_deletions(answer: Any) -> None:
    errors = [error for error in answer.get("Errors", ()) if error.get("Code") not in ("NoSuchKey", "NoSuchVersion")]
    if errors:
        raise refusal(str(errors[0].get("Code", "")), 200, str(errors[0].get("Message", "")))
