"""Reading objects: small ones by one request, long ones in pieces that are fetched ahead, in parallel.

All pieces are of one generation, so that a reader sees one content whatever is written meanwhile. A whole
object is compared with the checksum that it was written with before its end is handed out.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, TypeVar

from toil_gce.door.objects import ObjectFacts, Piece, checksum, in_base64
from toil_gce.refusal import REPLACED, Refusal

T = TypeVar("T")

_PIECE = 4 * 1024 * 1024
_LARGEST_PIECE = 16 * 1024 * 1024
_AHEAD = 3
_TRIES = 3
_BUFFER = 256 * 1024


class Fetches(Protocol):
    """What objects are read by."""

    def fetch(self, name: str, start: int, length: int, generation: int | None = None) -> Piece: ...
    def facts(self, name: str) -> ObjectFacts: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Which object, from where, and up to which byte; and what a refusal or damage is turned into."""

    objects: Fetches
    name: str
    start: int
    end: int | None
    refused: Callable[[Refusal], Exception]
    damaged: Callable[[], Exception]


def open_object(source: Source) -> BinaryIO:
    """A stream of an object's bytes. Raises what ``refused`` and ``damaged`` make, now and while reading."""
    return open_stored(source)[0]


def open_stored(source: Source) -> tuple[BinaryIO, str]:
    """Likewise, and how the bytes are encoded: ``gzip``, or empty."""
    first = _first(source)
    end = max(source.start, first.total if source.end is None else min(first.total, source.end))
    if source.start + len(first.content) >= end:
        return io.BytesIO(first.content), first.encoding
    return io.BufferedReader(_PiecesReader(source, first, end), _BUFFER), first.encoding


def _first(source: Source) -> Piece:
    if source.end is not None and source.end <= source.start:
        return _nothing(source)
    wanted = _PIECE if source.end is None else min(_PIECE, source.end - source.start)
    for _ in range(_TRIES):
        piece = _asked(source, lambda: source.objects.fetch(source.name, source.start, wanted))
        if source.start and not piece.content:
            return _nothing(source)
        is_whole = source.start == 0 and len(piece.content) == piece.total
        if not is_whole or not piece.crc32c or in_base64(checksum(piece.content)) == piece.crc32c:
            return piece
    raise source.damaged()


def _nothing(source: Source) -> Piece:
    facts = _asked(source, lambda: source.objects.facts(source.name))
    return Piece(b"", facts.size, 0, "", facts.encoding)


def _asked(source: Source, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Refusal as refusal:
        raise source.refused(refusal) from refusal


class _PiecesReader(io.RawIOBase):
    """A long object, piece by piece."""

    def __init__(self, source: Source, first: Piece, end: int) -> None:
        super().__init__()
        self._source = source
        self._first = first
        self._end = end
        self._piece = memoryview(first.content)
        self._position = self._asked_for = source.start + len(first.content)
        self._crc32c = checksum(first.content)
        self._is_checked = source.start == 0 and end == first.total and bool(first.crc32c)
        self._size = min(_LARGEST_PIECE, max(_PIECE, (end - source.start) // 64))
        self._threads = ThreadPoolExecutor(_AHEAD)
        self._coming: deque[Future[Piece]] = deque()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # whatever io hands over
        if not self._piece and self._position < self._end:
            self._next()
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._coming.clear()
            self._piece = memoryview(b"")
        super().close()

    def _next(self) -> None:
        while len(self._coming) < _AHEAD and self._asked_for < self._end:
            length = min(self._size, self._end - self._asked_for)
            self._coming.append(self._threads.submit(self._fetch, self._asked_for, length))
            self._asked_for += length
        piece = _asked(self._source, lambda: self._arrived(self._coming.popleft()))
        self._position += len(piece.content)
        self._crc32c = checksum(piece.content, self._crc32c)
        is_damaged = self._is_checked and self._position == self._end and self._sum() != self._first.crc32c
        if is_damaged or piece.total != self._first.total:
            raise self._source.damaged()
        self._piece = memoryview(piece.content)

    def _arrived(self, coming: Future[Piece]) -> Piece:
        try:
            return coming.result()
        except Refusal as refusal:
            if not refusal.is_missing or refusal.is_bucket_missing:
                raise
            # The generation is gone. If the object is, this says so; else another one has taken its place.
            self._source.objects.facts(self._source.name)
            raise Refusal(0, "it was replaced while it was read", REPLACED) from refusal

    def _fetch(self, start: int, length: int) -> Piece:
        piece = self._source.objects.fetch(self._source.name, start, length, self._first.generation or None)
        if len(piece.content) != length:
            raise Refusal(0, "the service sends other bytes than those asked for")
        return piece

    def _sum(self) -> str:
        return in_base64(self._crc32c)
