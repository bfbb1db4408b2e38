"""Where long objects are cut, so that whoever reads one can check the parts' checksums.

S3 takes at most 10,000 parts of 5 MiB to 5 GiB, and objects of 5 TiB (Amazon S3 User Guide, "Amazon S3
multipart upload limits").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

PART_BYTES = 8 * 1024**2
_SAME_SIZED = 1000


def part_sizes() -> Iterator[int]:
    """The sizes of all parts but the last one: 8 MiB, twice that after each thousand, for 5 TiB in all."""
    size = PART_BYTES
    while True:
        for _ in range(_SAME_SIZED):
            yield size
        size *= 2


class PartDigests:
    """The ETag of an object that was uploaded in such parts, from its bytes in their order."""

    def __init__(self) -> None:
        self._sizes = part_sizes()
        self._left = next(self._sizes)
        self._part = _md5()
        self._is_empty = True
        self._parts: list[bytes] = []

    def update(self, content: bytes | memoryview) -> None:
        """Take the next bytes."""
        view = memoryview(content)
        while view:
            piece = view[: self._left]
            self._part.update(piece)
            self._left -= len(piece)
            self._is_empty = False
            if self._left == 0:
                self._end_part()
                self._left = next(self._sizes)
            view = view[len(piece) :]

    def etag(self) -> str:
        """Of all that was taken."""
        if not self._is_empty:
            self._end_part()
        return f"{_md5(b''.join(self._parts)).hexdigest()}-{len(self._parts)}"

    def _end_part(self) -> None:
        self._parts.append(self._part.digest())
        self._part = _md5()
        self._is_empty = True


def _md5(content: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(content, usedforsecurity=False)
