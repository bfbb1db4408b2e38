"""An object as a stream: pieces of it fetched ahead, several at a time, and checked against its checksum."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any, BinaryIO

from toil_aws.bucket import Bucket, Piece, wrong_bytes
from toil_aws.checksums import CRC32, of_parts, part_digest
from toil_aws.failure import S3Failure
from toil_aws.in_flight import in_flight
from toil_aws.part_sizes import PART_BYTES, part_sizes

_AT_ONCE = 8
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
    is_whole = start == 0 and end == first.total
    whole = first.whole if is_whole else ""
    if is_whole and first.parts == CRC32 and not whole:
        whole = source.bucket.whole_checksum(source.key)
    if start + len(first.content) >= end:
        # What is exactly as long as a part was sent as one.
        if whole and of_parts(first.parts, [part_digest(first.parts, first.content)]) != whole:
            raise wrong_bytes()
        return io.BytesIO(first.content)
    digest = first.digest if is_whole else ""
    return io.BufferedReader(_Reader(source, first, start, end, _Sums(whole, digest)), _BUFFER_BYTES)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What must be found once all has come: what the parts' checksums come to, or the MD5 of what was put in one
    request; each is empty where it is not known."""

    parts: str
    md5: str


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A piece, and its checksum if that is needed."""

    piece: Piece
    digest: bytes


class _Reader(io.RawIOBase):
    """Used by one thread at a time. Closed, it stops what is under way."""

    def __init__(self, source: Source, first: Piece, start: int, end: int, sums: _Sums) -> None:
        super().__init__()
        self._source = source
        self._etag, self._kind = first.etag, first.parts
        self._end = end
        self._asked = start + len(first.content)
        self._here = memoryview(first.content)
        self._pool: ThreadPoolExecutor | None = None
        self._coming: deque[tuple[Future[_Arrived], int]] = deque()
        self._whole = whole = sums.parts
        self._md5 = sums.md5
        self._so_far = hashlib.md5(first.content if sums.md5 else b"", usedforsecurity=False)
        # What is checked comes in the parts in which it was sent.
        self._sizes = islice(part_sizes(), 1, None) if whole else repeat(PART_BYTES)
        self._size = 0  # of the next piece, once that is known
        self._digests = [part_digest(first.parts, first.content)] if whole else []

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
            self._take(future.result(), size)
        except S3Failure as failure:
            raise self._source.failed(failure) from failure
        finally:
            in_flight.give(size)
        self._ask()
        return True

    def _take(self, arrived: _Arrived, size: int) -> None:
        if arrived.piece.etag != self._etag:
            raise S3Failure("Changed", "it was replaced while it was read", "Try again")
        if len(arrived.piece.content) != size:
            raise wrong_bytes()
        if self._whole:
            self._digests.append(arrived.digest)
        if self._md5:
            self._so_far.update(arrived.piece.content)
        is_last = self._asked >= self._end and not self._coming
        if is_last and not self._is_as_written():
            raise wrong_bytes()
        self._here = memoryview(arrived.piece.content)

    def _is_as_written(self) -> bool:
        if self._whole and of_parts(self._kind, self._digests) != self._whole:
            return False
        return not self._md5 or self._so_far.hexdigest() == self._md5

    def _ask(self) -> None:
        """Have as many pieces coming as there is room for."""
        while self._asked < self._end and len(self._coming) < _AT_ONCE:
            if not self._size:
                self._size = next(self._sizes)
            size = min(self._size, self._end - self._asked)
            if not in_flight.take(size, must=not self._coming):
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="s3-download")
            self._coming.append((self._pool.submit(self._fetch, self._asked, size), size))
            self._asked += size
            self._size = 0

    def _fetch(self, start: int, size: int) -> _Arrived:
        piece = self._source.bucket.piece(self._source.key, start, size)
        return _Arrived(piece, part_digest(self._kind, piece.content) if self._whole else b"")
