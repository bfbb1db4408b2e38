"""Where long objects are cut, so that whoever reads one can check the parts' checksums.

S3 takes at most 10,000 parts of 5 MiB to 5 GiB, and objects of 5 TiB (Amazon S3 User Guide, "Amazon S3
multipart upload limits").
"""

from __future__ import annotations

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
