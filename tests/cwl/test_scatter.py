"""Inputs are scattered, and outputs gathered, by each of the three methods."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_core.api.job import JobFailure
from toil_cwl.scatter import gathered, scattered

METHODS = ("dotproduct", "nested_crossproduct", "flat_crossproduct")


def pair(element):
    return f"{element['w#s/a']}{element['w#s/b']}"


def over(a, b, method):
    return scattered({"w#s/a": a, "w#s/b": b}, ["w#s/a", "w#s/b"], method, pair)


def test_one_input_is_scattered_alike_by_every_method():
    for method in (None, *METHODS):
        found = scattered({"a": [1, 2], "b": [7, 8]}, ["a"], method, lambda one: (one["a"], one["b"]))
        assert found == [(1, [7, 8]), (2, [7, 8])]


def test_a_dot_product_pairs_elements():
    assert over([1, 2], ["x", "y"], "dotproduct") == over([1, 2], ["x", "y"], None) == ["1x", "2y"]


def test_a_nested_crossproduct_has_a_level_for_each_input():
    assert over([1, 2], ["x", "y", "z"], "nested_crossproduct") == [["1x", "1y", "1z"], ["2x", "2y", "2z"]]


def test_a_flat_crossproduct_counts_the_last_input_fastest():
    assert over([1, 2], ["x", "y", "z"], "flat_crossproduct") == ["1x", "1y", "1z", "2x", "2y", "2z"]


@pytest.mark.parametrize(
    ("a", "b", "method", "found"),
    [
        ([], [], "dotproduct", []),
        ([], [1], "nested_crossproduct", []),
        ([1, 2], [], "nested_crossproduct", [[], []]),
        ([1, 2], [], "flat_crossproduct", []),
        ([], [1], "flat_crossproduct", []),
    ],
)
def test_empty_arrays(a, b, method, found):
    assert over(a, b, method) == found


def test_a_dot_product_of_unequal_arrays_tells_their_lengths():
    with pytest.raises(JobFailure, match="a has 2, b has 1"):
        over([1, 2], [1], "dotproduct")


@pytest.mark.parametrize("value", [None, "text", {"class": "Directory", "listing": []}, 3])
def test_what_is_no_array_cannot_be_scattered(value):
    with pytest.raises(JobFailure, match='cannot scatter over "b"'):
        over([1], value, "dotproduct")


def test_an_element_may_be_an_array_itself():
    found = scattered({"a": [[1, 2], []]}, ["a"], None, lambda one: len(one["a"]))
    assert found == [2, 0]


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=4))
def test_crossproducts_have_the_elements_of_a_product_in_its_order(arrays):
    inputs = {str(index): array for index, array in enumerate(arrays)}
    seen = []
    flat = scattered(inputs, list(inputs), "flat_crossproduct", lambda one: tuple(one.values()))
    scattered(inputs, list(inputs), "nested_crossproduct", lambda one: seen.append(tuple(one.values())))
    assert flat == seen == list(itertools.product(*arrays))


def test_results_are_gathered_in_the_shape_of_the_tree():
    results = {"j1": {"x": 1, "y": [1]}, "j2": {"x": 2, "y": []}, "j3": {"x": 3}}
    found = gathered([["j1", "j2"], [], ["j3"]], ["x", "y"], results.__getitem__)
    assert found == {"x": [[1, 2], [], [3]], "y": [[[1], []], [], [None]]}


def test_a_skipped_element_is_null_in_every_output():
    found = gathered([None, "j"], ["x"], lambda job: {} if job is None else {"x": 1})
    assert found == {"x": [None, 1]}


def test_nothing_gathered_is_an_empty_array_for_each_output():
    assert gathered([], ["x", "y"], lambda job: {}) == {"x": [], "y": []}
