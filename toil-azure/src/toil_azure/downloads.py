"""Reading a blob: a stream that fetches some pieces ahead, each checked when it arrives."""

from __future__ import annotations

import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, BinaryIO

from toil_azure.door.refusal import ServiceError
from toil_azure.door.service import MOST_VERIFIED_BYTES, Piece, Service, Wanted
from toil_azure.pieces import PIECE_BYTES, sums_known

_AT_ONCE = 4
_BEHIND_THE_END = 416

Doing = Callable[[], AbstractContextManager[None]]


def read_blob(service: Service, container: str, blob: str, start: int, length: int | None, doing: Doing) -> BinaryIO:
    """A stream of a blob's bytes. ``doing`` gives the context in which requests are made, also later ones."""
    wanted = MOST_VERIFIED_BYTES if length is None else min(length, MOST_VERIFIED_BYTES)
    with doing():
        if not wanted:
            service.facts(container, blob)
            return io.BytesIO()
        try:
            first = service.read(container, blob, Wanted(start, wanted))
        except ServiceError as error:
            if error.status != _BEHIND_THE_END:
                raise
            return io.BytesIO()
    end = first.total if length is None else min(start + length, first.total)
    got = start + len(first.content)
    if got >= end:
        return io.BytesIO(first.content)

    given_up = Event()

    def read(wanted: Wanted) -> Piece:
        return service.read(container, blob, wanted, given_up)

    is_whole = start == 0 and end == first.total
    sums = sums_known(first.metadata, first.total) if is_whole else ()
    rest = _summed(first, sums) if sums else _unsummed(first.version, got, end)
    return io.BufferedReader(_Pieces(first.content, rest, read, doing, given_up))


def _unsummed(version: str, begin: int, end: int) -> Sequence[Wanted]:
    """Ranges that the service makes checksums for."""
    size = MOST_VERIFIED_BYTES
    return [Wanted(start, min(size, end - start), version) for start in range(begin, end, size)]


def _summed(first: Piece, sums: Sequence[int]) -> Sequence[Wanted]:
    """The pieces in which the blob was written, of the first one what has not come."""
    got, end = len(first.content), first.total
    begins = [got, *range(PIECE_BYTES, end, PIECE_BYTES)]
    ends = [*begins[1:], end]
    before = [zlib.crc32(first.content), *(0 for _ in begins[1:])]
    facts = zip(begins, ends, sums, before, strict=True)
    return [Wanted(start, stop - start, first.version, crc32, seed) for start, stop, crc32, seed in facts]


class _Pieces(io.RawIOBase):
    """The pieces one after the other. Memory holds those that are fetched ahead, and one."""

    def __init__(
        self, first: bytes, rest: Sequence[Wanted], read: Callable[[Wanted], Piece], doing: Doing, given_up: Event
    ) -> None:
        super().__init__()
        self._rest = memoryview(first)
        self._doing = doing
        self._given_up = given_up
        self._pool = ThreadPoolExecutor(min(_AT_ONCE, len(rest)), "toil-azure-get")
        self._coming = _ahead(self._pool, rest, read)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:  # whatever io hands over
        """The next bytes, of one piece at most."""
        if not self._rest and not self._fetch():
            return 0
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def readall(self) -> bytes:
        """All that is left."""
        pieces: list[bytes | memoryview] = [self._rest]
        while self._fetch():
            pieces.append(self._rest)
        self._rest = memoryview(b"")
        return b"".join(pieces)

    def close(self) -> None:
        """Fetch nothing more."""
        self._given_up.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._rest = memoryview(b"")
        super().close()

    def _fetch(self) -> bool:
        with self._doing():
            piece = next(self._coming, None)
        self._rest = memoryview(b"" if piece is None else piece.content)
        return piece is not None


def _ahead(pool: ThreadPoolExecutor, rest: Sequence[Wanted], read: Callable[[Wanted], Piece]) -> Iterator[Piece]:
    coming: deque[Future[Piece]] = deque()
    for wanted in rest:
        coming.append(pool.submit(read, wanted))
        if len(coming) == _AT_ONCE:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()
