"""Reading a blob: a stream that fetches some pieces ahead, each checked when it arrives."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, BinaryIO

from toil_azure.door.refusal import ServiceError
from toil_azure.door.service import MOST_VERIFIED_BYTES, Piece, Service

_AT_ONCE = 8
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
            first = service.read(container, blob, start, wanted)
        except ServiceError as error:
            if error.status != _BEHIND_THE_END:
                raise
            return io.BytesIO()
    end = first.total if length is None else min(start + length, first.total)
    got = start + len(first.content)
    if got >= end:
        return io.BytesIO(first.content)

    given_up = Event()

    def read(begin: int) -> Piece:
        length = min(MOST_VERIFIED_BYTES, end - begin)
        return service.read(container, blob, begin, length, first.version, given_up)

    return io.BufferedReader(_Pieces(first.content, range(got, end, MOST_VERIFIED_BYTES), read, doing, given_up))


class _Pieces(io.RawIOBase):
    """The pieces one after the other. Memory holds those that are fetched ahead, and one."""

    def __init__(
        self, first: bytes, begins: range, read: Callable[[int], Piece], doing: Doing, given_up: Event
    ) -> None:
        super().__init__()
        self._rest = memoryview(first)
        self._doing = doing
        self._given_up = given_up
        self._pool = ThreadPoolExecutor(min(_AT_ONCE, len(begins)), "toil-azure-get")
        self._coming = _ahead(self._pool, begins, read)

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


def _ahead(pool: ThreadPoolExecutor, begins: range, read: Callable[[int], Piece]) -> Iterator[Piece]:
    coming: deque[Future[Piece]] = deque()
    for begin in begins:
        coming.append(pool.submit(read, begin))
        if len(coming) == _AT_ONCE:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()
