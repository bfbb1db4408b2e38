"""Streams that storage tests read from: huge without being held, and breaking in the middle."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

_BLOCK = bytes(range(256)) * 256
_STEP = 16 * 1024 * 1024


class PatternStream(io.RawIOBase):
    """So many bytes of a pattern that repeats every 64 KiB, made as they are read.

    ``largest_read`` is the most that a reader asked for at once; a reader in bounded memory asks
    for a part.
    """

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length
        self._position = 0
        self.largest_read = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; a short answer only at the end."""
        left = self._length - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        self.largest_read = max(self.largest_read, wanted)
        content = pattern(self._position, wanted)
        self._position += wanted
        return content

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """As ``read``, into a buffer."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class SparseStream(io.RawIOBase):
    """So many bytes, nearly all zero, made as they are read; each multiple of 16 MiB begins with its number."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; a short answer only at the end."""
        left = self._length - self._position
        content = sparse(self._position, left if size is None or size < 0 else min(size, left))
        self._position += len(content)
        return content

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """As ``read``, into a buffer."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class DrippingStream(PatternStream):
    """Answers with fewer bytes than it is asked for, as pipes and sockets do."""

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, at most 10,007 of them."""
        return super().read(10_007 if size is None or size < 0 else min(size, 10_007))


class StreamBroke(Exception):
    """What a ``BreakingStream`` raises: none of the storage's errors."""


class BreakingStream(PatternStream):
    """Raises ``StreamBroke`` once all its bytes have been read."""

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; never the end."""
        content = super().read(size)
        if not content and size:
            raise StreamBroke("the stream broke on purpose")
        return content


def pattern(start: int, length: int) -> bytes:
    """The bytes of the pattern from a position."""
    offset = start % len(_BLOCK)
    repeated = _BLOCK * ((offset + length) // len(_BLOCK) + 1)
    return repeated[offset : offset + length]


def sparse(start: int, length: int) -> bytes:
    """The bytes of a ``SparseStream`` from a position."""
    content = bytearray(length)
    for mark in range((start - 7) // _STEP * _STEP, start + length, _STEP):
        for offset, byte in enumerate((mark // _STEP).to_bytes(8, "big") if mark >= 0 else b""):
            if 0 <= mark + offset - start < length:
                content[mark + offset - start] = byte
    return bytes(content)


def is_same(found: BinaryIO, expected: BinaryIO) -> bool:
    """Whether two streams hold the same, compared in parts; neither answers short but at its end."""
    while part := expected.read(1024 * 1024):
        if found.read(len(part)) != part:
            return False
    return not found.read(1)


def digest(stream: BinaryIO) -> str:
    """The SHA-256 of all that is left of a stream, read in parts."""
    whole = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        whole.update(chunk)
    return whole.hexdigest()
