"""An object as a stream: pieces of it fetched ahead, several at a time, and checked against its checksum."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

from toil_aws.bucket import Bucket, Piece, wrong_bytes
from toil_aws.failure import S3Failure
from toil_aws.in_flight import in_flight
from toil_aws.part_sizes import PART_BYTES, PartDigests
from toil_aws.s3_client import CONCURRENCY

_BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """What is read. ``failed`` makes an error for people of a failure."""

    bucket: Bucket
    key: str
    failed: Callable[[S3Failure], Exception]


def download(source: Source, start: int = 0, length: int | None = None) -> BinaryIO:
    """A stream of at most ``length`` bytes from ``start``. Raises ``S3Failure``; the stream raises what
    ``source.failed`` makes of one.

    What fits into one piece has come when this returns, and is checked if it is the whole object.
    """
    if length == 0:
        source.bucket.size(source.key)
        return io.BytesIO()
    wanted = PART_BYTES if length is None else min(length, PART_BYTES)
    first = source.bucket.piece(source.key, start, wanted)
    end = first.total if length is None else min(first.total, start + length)
    if start + len(first.content) >= end:
        return io.BytesIO(first.content)
    return io.BufferedReader(_Reader(source, first, start, end), _BUFFER_BYTES)


class _Reader(io.RawIOBase):
    """Used by one thread at a time. Closed, it stops what is under way."""

    def __init__(self, source: Source, first: Piece, start: int, end: int) -> None:
        super().__init__()
        self._source = source
        self._first = first
        self._digests = PartDigests() if start == 0 and end == first.total and first.parts_etag else None
        self._end = end
        self._asked = start + len(first.content)
        self._here = memoryview(first.content)
        self._pool: ThreadPoolExecutor | None = None
        self._coming: deque[tuple[Future[Piece], int]] = deque()
        self._take(first.content)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:  # whatever io hands over
        """The next bytes."""
        if not self._here and not self._next():
            return 0
        count = min(len(buffer), len(self._here))
        buffer[:count] = self._here[:count]
        self._here = self._here[count:]
        return count

    def close(self) -> None:
        """Give up what has not come."""
        if not self.closed and self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            while self._coming:
                in_flight.give(self._coming.popleft()[1])
        super().close()

    def _next(self) -> bool:
        self._ask()
        if not self._coming:
            return False
        future, size = self._coming.popleft()
        try:
            piece = future.result()
            if piece.etag != self._first.etag:
                raise S3Failure("Changed", "it was replaced while it was read", "Try again")
            if len(piece.content) != size:
                raise wrong_bytes()
            self._take(piece.content)
        except S3Failure as failure:
            raise self._source.failed(failure) from failure
        finally:
            in_flight.give(size)
        self._ask()
        return True

    def _take(self, content: bytes) -> None:
        self._here = memoryview(content)
        if self._digests is not None:
            self._digests.update(content)
            if self._asked >= self._end and not self._coming and self._digests.etag() != self._first.parts_etag:
                raise wrong_bytes()

    def _ask(self) -> None:
        """Have as many pieces coming as there is room for."""
        while self._asked < self._end and len(self._coming) < CONCURRENCY:
            size = min(PART_BYTES, self._end - self._asked)
            if not in_flight.take(size, must=not self._coming):
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="s3-download")
            bucket, key = self._source.bucket, self._source.key
            self._coming.append((self._pool.submit(bucket.piece, key, self._asked, size), size))
            self._asked += size
