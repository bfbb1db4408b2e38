"""Streams that storage tests read from: huge without being held, and breaking in the middle."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

_BLOCK = bytes(range(256)) * 256


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


def digest(stream: BinaryIO) -> str:
    """The SHA-256 of all that is left of a stream, read in parts."""
    whole = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        whole.update(chunk)
    return whole.hexdigest()
