"""A part of a file, as something to send: read when it is sent, and again if it must be sent again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from toil_core.system.file_streams import descriptor_of
from toil_gce.door.objects import checksum

_BLOCK = 1024 * 1024


class FileSlice:
    """Bytes of an open file. Iterating gives them in blocks, each time from the first on; thread-safe."""

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._end = end

    def __len__(self) -> int:
        return self._end - self._start

    def __iter__(self) -> Iterator[bytes]:
        position = self._start
        while position < self._end:
            block = os.pread(self._descriptor, min(_BLOCK, self._end - position), position)
            if not block:
                raise EOFError("a file became shorter while it was sent")
            yield block
            position += len(block)

    def __getitem__(self, wanted: slice) -> FileSlice:
        start, end, _ = wanted.indices(len(self))
        return FileSlice(self._descriptor, self._start + start, self._start + end)

    def crc32c(self) -> int:
        """The CRC32C of the bytes."""
        found = 0
        for block in self:
            found = checksum(block, found)
        return found

    def cut(self, length: int) -> list[FileSlice]:
        """Slices of so many bytes, the last with what is left."""
        return [self[begin : begin + length] for begin in range(0, len(self), length)]


def rest_of(stream: BinaryIO, at_least: int) -> FileSlice | None:
    """What is left of a stream, if that is a file of this machine with so many bytes to come."""
    descriptor = descriptor_of(stream)
    if descriptor is None:
        return None
    start, end = stream.tell(), os.fstat(descriptor).st_size
    return FileSlice(descriptor, start, end) if end - start >= at_least else None
