"""Parts are as S3 allows them."""

from __future__ import annotations

from itertools import islice

from toil_aws.part_sizes import part_sizes

MOST_PARTS = 10_000
SMALLEST_PART, LARGEST_PART = 5 * 1024**2, 5 * 1024**3
LONGEST_OBJECT = 5 * 1024**4


def test_the_longest_object_fits_into_as_many_parts_as_are_allowed():
    sizes = list(islice(part_sizes(), MOST_PARTS))
    assert sum(sizes) >= LONGEST_OBJECT
    assert min(sizes) >= SMALLEST_PART
    assert max(sizes) <= LARGEST_PART
