"""Checksums made while content passes by."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO


class HashingStream(io.RawIOBase):
    """Reads another stream; knows the checksum and size of what was read. Does not close it."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self._digest = hashlib.sha1(usedforsecurity=False)
        self.size = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what io.readers hand over
        """Read some bytes."""
        content = self._source.read(len(buffer))
        buffer[: len(content)] = content
        self._digest.update(content)
        self.size += len(content)
        return len(content)

    @property
    def checksum(self) -> str:
        """Of all that was read so far, as ``FileRef`` writes it."""
        return f"sha1${self._digest.hexdigest()}"


def checksum_of(content: bytes) -> str:
    """The checksum of a small file, as ``FileRef`` writes it."""
    return f"sha1${hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
