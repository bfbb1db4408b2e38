"""One set of inputs becomes many, and many results become arrays."""

from __future__ import annotations

import pytest

from toil_core.api.job import JobFailure
from toil_cwl.scatter import gathered, scattered

X, Y = "w#step/x", "w#step/y"


def tree(method, x, y):
    return scattered({X: x, Y: y, "w#step/z": "same"}, [X, Y], method, lambda inputs: f"{inputs[X]}{inputs[Y]}")


@pytest.mark.parametrize(
    ("method", "x", "y", "expected"),
    [
        ("dotproduct", [1, 2], "ab", None),
        ("dotproduct", [1, 2], ["a", "b"], ["1a", "2b"]),
        ("dotproduct", [], [], []),
        ("nested_crossproduct", [1, 2], ["a", "b"], [["1a", "1b"], ["2a", "2b"]]),
        ("nested_crossproduct", [1, 2], [], [[], []]),
        ("nested_crossproduct", [], ["a"], []),
        ("flat_crossproduct", [1, 2], ["a", "b"], ["1a", "1b", "2a", "2b"]),
        ("flat_crossproduct", [1, 2], [], []),
        ("flat_crossproduct", [], [], []),
    ],
)
def test_elements_are_combined_as_the_method_says(method, x, y, expected):
    if expected is None:
        with pytest.raises(JobFailure, match='cannot scatter over "y": its value is not an array'):
            tree(method, x, y)
    else:
        assert tree(method, x, y) == expected


def test_one_key_needs_no_method_and_other_inputs_are_the_same_for_all():
    seen = []
    scattered({X: [1, 2], Y: "same"}, [X], None, seen.append)
    assert seen == [{X: 1, Y: "same"}, {X: 2, Y: "same"}]


def test_arrays_of_a_dot_product_that_differ_in_length_are_told_by_name():
    with pytest.raises(JobFailure, match="arrays of one length: x has 2, y has 1"):
        tree("dotproduct", [1, 2], ["a"])


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        (["a", "b"], {"out": ["A", "B"], "more": [None, None]}),
        ([["a"], []], {"out": [["A"], []], "more": [[None], []]}),
        ([], {"out": [], "more": []}),
        ([None, "b"], {"out": [None, "B"], "more": [None, None]}),
    ],
)
def test_results_become_arrays_of_the_same_shape_for_every_output(leaves, expected):
    def find(leaf):
        return {} if leaf is None else {"out": leaf.upper()}

    assert gathered(leaves, ["out", "more"], find) == expected
