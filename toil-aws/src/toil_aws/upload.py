"""Streams of any length to objects: short ones in one request, long ones in parts, several at a time."""

from __future__ import annotations

import hashlib
import io
import tempfile
import uuid
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Any, BinaryIO

from toil_aws.bucket import SUM, Bucket
from toil_aws.checksums import CRC32, of_parts
from toil_aws.failure import S3Failure
from toil_aws.file_sums import FileSums, file_sums
from toil_aws.in_flight import in_flight
from toil_aws.part_sizes import part_sizes
from toil_aws.s3_client import CONCURRENCY

LONGEST_REQUEST = 5 * 1024**3
"""What one request may write (Amazon S3 User Guide, "Uploading objects")."""
_CHUNK_BYTES = 1 << 20


def upload(
    bucket: Bucket,
    key: str,
    content: bytes | BinaryIO,
    metadata: Mapping[str, str] = MappingProxyType({}),
    *,
    keeps_sums: bool = False,
) -> None:
    """Write an object, or replace it; nothing is visible before all of it is there. With ``keeps_sums`` a
    long file's checksum is told in its metadata where the server makes none.

    Raises ``S3Failure``, and what the stream raises.
    """
    sums = file_sums(content) if keeps_sums and not bucket.makes_sums else None
    stream = _Ahead(content)
    if stream.is_last:
        bucket.put(key, stream.next_part, metadata)
    else:
        _upload_parts(bucket, key, stream, metadata, sums)


def upload_new(bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
    """Write an object if there is none; whether it did.

    In one request, for servers do not all heed a condition on the last request of an upload in parts. A
    long stream waits in a temporary file meanwhile.
    """
    if isinstance(content, bytes):
        return bucket.put_new(key, content)
    stream = _Ahead(content)
    if stream.is_last:
        return bucket.put_new(key, stream.next_part)
    digest = hashlib.md5(usedforsecurity=False)
    with tempfile.TemporaryFile() as file:
        while part := stream.next_part:
            digest.update(part)
            file.write(part)
            if file.tell() > LONGEST_REQUEST:
                raise S3Failure("", "a conditional put takes at most 5 GiB", "Split the object")
            stream.go_on(_CHUNK_BYTES)
        return bucket.put_new(key, file, digest.digest())


class _Ahead:
    """A stream read one part ahead: ``next_part``, and whether it is the last one, known from its length."""

    def __init__(self, content: bytes | BinaryIO) -> None:
        self._content = io.BytesIO(content) if isinstance(content, bytes) else content
        self._sizes = part_sizes()
        self.next_part: bytes | bytearray = b""
        self.is_last = False
        self.go_on()

    def go_on(self, size: int = 0) -> None:
        """Read the next part; empty at the end."""
        wanted = size or next(self._sizes)
        first = self._content.read(min(wanted, _CHUNK_BYTES))
        if len(first) < min(wanted, _CHUNK_BYTES):
            rest = self._content.read(min(wanted - len(first), _CHUNK_BYTES))
            if not rest:
                self.next_part, self.is_last = first, True
                return
            first += rest
        part = bytearray(wanted)
        part[: len(first)] = first
        filled = len(first)
        # In one place, for pieces that are joined are in memory twice.
        while filled < wanted and (chunk := self._content.read(min(_CHUNK_BYTES, wanted - filled))):
            part[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        del part[filled:]
        self.next_part, self.is_last = part, filled < wanted


@dataclass
class _Parts:
    """Parts under way, no more of them than there is room for."""

    bucket: Bucket
    key: str
    upload: str
    pool: ThreadPoolExecutor
    done: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[Future[dict[str, Any]], int] = field(default_factory=dict)
    begun: int = 0

    def add(self, content: bytes | bytearray) -> None:
        """Send a part, once there is room for it. Raises what an earlier one came to."""
        while len(self.waiting) > CONCURRENCY:
            self.finish_some()
        while not in_flight.take(len(content), must=not self.waiting):
            self.finish_some()
        self.begun += 1
        future = self.pool.submit(self.bucket.put_part, self.key, self.upload, self.begun, content)
        self.waiting[future] = len(content)

    def finish_some(self) -> None:
        """Wait for the next one or more, whichever they are."""
        for future in wait(self.waiting, return_when=FIRST_COMPLETED).done:
            in_flight.give(self.waiting.pop(future))
            self.done.append(future.result())

    def stop(self) -> None:
        """Let no further part begin; wait for those under way."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        in_flight.give(sum(self.waiting.values()))
        self.waiting.clear()


def _upload_parts(bucket: Bucket, key: str, stream: _Ahead, metadata: Mapping[str, str], sums: FileSums | None) -> None:
    token = uuid.uuid4().hex
    told = {SUM: of_parts(CRC32, sums.parts)} if sums else {}
    upload_id = bucket.begin_parts(key, token, {**metadata, **told})
    with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="s3-upload") as pool:
        parts = _Parts(bucket, key, upload_id, pool)
        try:
            while stream.next_part:
                parts.add(stream.next_part)
                if stream.is_last:
                    break
                stream.go_on()
            while parts.waiting:
                parts.finish_some()
            if sums and not (parts.begun == len(sums.parts) and sums.hold()):
                raise S3Failure("", "the file changed while it was sent", "Try again")
            bucket.end_parts(key, upload_id, sorted(parts.done, key=itemgetter("PartNumber")), token)
        except BaseException:
            parts.stop()
            with suppress(S3Failure):  # what is left of it goes with the store
                bucket.give_up_parts(key, upload_id)
            raise
