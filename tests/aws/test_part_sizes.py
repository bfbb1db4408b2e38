"""Parts are as S3 allows them, and their checksums are those of its ETags."""

from __future__ import annotations

import hashlib
from itertools import islice

import pytest

from toil_aws.part_sizes import PART_BYTES, PartDigests, part_sizes

MOST_PARTS = 10_000
SMALLEST_PART, LARGEST_PART = 5 * 1024**2, 5 * 1024**3
LONGEST_OBJECT = 5 * 1024**4


def test_the_longest_object_fits_into_as_many_parts_as_are_allowed():
    sizes = list(islice(part_sizes(), MOST_PARTS))
    assert sum(sizes) >= LONGEST_OBJECT
    assert min(sizes) >= SMALLEST_PART
    assert max(sizes) <= LARGEST_PART


@pytest.mark.parametrize("length", [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES])
@pytest.mark.parametrize("step", [1_000_003, 3 * PART_BYTES])
def test_digest_of_the_parts_does_not_depend_on_the_steps_in_which_bytes_come(length, step):
    content = bytes(range(256)) * (length // 256 + 1)
    content = content[:length]
    digests = PartDigests()
    for begin in range(0, length, step):
        digests.update(content[begin : begin + step])
    parts = [hashlib.md5(content[begin : begin + PART_BYTES]).digest() for begin in range(0, length, PART_BYTES)]
    assert digests.etag() == f"{hashlib.md5(b''.join(parts)).hexdigest()}-{len(parts)}"
