"""The checksums of a file's parts, made before any is sent, so that they travel with the object.

For servers that know no CRC-32: to read from one of them what was written in parts, one would have to make
MD5s, which take five times as long.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import BinaryIO

from toil_aws.part_sizes import part_sizes
from toil_core.system.file_streams import descriptor_of

LONGEST = 4 * 1024**3
"""A file is read twice, which is cheap while it is still in memory."""
_BLOCK_BYTES = 256 * 1024
_THREADS = 2


@dataclass(frozen=True, slots=True)
class FileSums:
    """The CRC-32s of the parts in which what is left of a file will be sent."""

    parts: Sequence[bytes]
    descriptor: int
    was: tuple[int, int]

    def hold(self) -> bool:
        """Whether nobody has written to the file since."""
        return self.was == _state(self.descriptor)


def file_sums(content: bytes | BinaryIO) -> FileSums | None:
    """Those of a file's parts; none of what is no file of this machine, or is short, or long."""
    left = None if isinstance(content, bytes) else _left(content)
    if left is None:
        return None
    descriptor, start, end = left
    was = _state(descriptor)
    cuts = [*_cuts(start, end), end]
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(lambda begin, stop: _sum(descriptor, begin, stop), cuts, cuts[1:]))
    return FileSums(parts, descriptor, was)


def _state(descriptor: int) -> tuple[int, int]:
    facts = os.fstat(descriptor)
    return facts.st_size, facts.st_mtime_ns


def _sum(descriptor: int, begin: int, end: int) -> bytes:
    """In blocks that stay in the processor's cache."""
    found, block = 0, memoryview(bytearray(_BLOCK_BYTES))
    for start in range(begin, end, _BLOCK_BYTES):
        count = os.preadv(descriptor, [block[: end - start]], start)
        found = zlib.crc32(block[:count], found)
    return found.to_bytes(4, "big")


def _cuts(start: int, end: int) -> Iterator[int]:
    """Where parts begin."""
    for begin in accumulate(chain([start], part_sizes())):
        if begin >= end:
            return
        yield begin


def _left(stream: BinaryIO) -> tuple[int, int, int] | None:
    """The file behind a stream, from where, and up to where."""
    descriptor = descriptor_of(stream)
    if descriptor is None:
        return None
    start, end = stream.tell(), os.fstat(descriptor).st_size
    return (descriptor, start, end) if next(part_sizes()) < end - start <= LONGEST else None
