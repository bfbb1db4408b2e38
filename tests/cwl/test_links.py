"""Sources become one value as linkMerge and pickValue say."""

from __future__ import annotations

import pytest

from toil_core.api.job import JobFailure
from toil_cwl.links import linked, sources_of

VALUES = {"one": 1, "list": [2, 3], "null": None, "zero": 0, "empty": []}


def link(*sources, **fields):
    source = sources[0] if len(sources) == 1 and not fields.pop("as_list", False) else list(sources)
    return linked({"id": "file:///w.cwl#main/step/x", "source": source, **fields}, "source", VALUES.__getitem__)


@pytest.mark.parametrize(
    ("field", "found"), [(None, []), ("a", ["a"]), (["a", "b"], ["a", "b"]), (("a",), ["a"]), ([], [])]
)
def test_sources_are_a_list_however_they_are_written(field, found):
    assert sources_of({"outputSource": field}, "outputSource") == found


def test_one_source_is_its_value():
    assert link("list") == [2, 3]
    assert link("list", as_list=True) == [2, 3]


@pytest.mark.parametrize(
    ("sources", "method", "found"),
    [
        (("one", "list"), None, [1, [2, 3]]),
        (("one", "list"), "merge_nested", [1, [2, 3]]),
        (("one", "list"), "merge_flattened", [1, 2, 3]),
        (("one", "null"), "merge_flattened", [1, None]),
        (("empty", "list"), "merge_flattened", [2, 3]),
        (("list",), "merge_nested", [[2, 3]]),
        (("list",), "merge_flattened", [2, 3]),
        (("one",), "merge_nested", [1]),
        (("one",), "merge_flattened", [1]),
    ],
)
def test_link_merge(sources, method, found):
    assert link(*sources, **({"linkMerge": method} if method else {})) == found


@pytest.mark.parametrize(
    ("sources", "method", "found"),
    [
        (("null", "zero", "one"), "first_non_null", 0),
        (("null", "one", "null"), "the_only_non_null", 1),
        (("null", "one", "empty"), "all_non_null", [1, []]),
        (("null", "null"), "all_non_null", []),
        (("list",), "first_non_null", 2),
        (("one",), "the_only_non_null", 1),
    ],
)
def test_pick_value(sources, method, found):
    assert link(*sources, pickValue=method) == found


def test_values_are_merged_before_one_is_picked():
    assert link("null", "list", linkMerge="merge_flattened", pickValue="first_non_null") == 2


@pytest.mark.parametrize(
    ("sources", "method", "told"),
    [
        (("null", "null"), "first_non_null", 'every source of "main/step/x" is null'),
        (("null", "null"), "the_only_non_null", 'every source of "main/step/x" is null'),
        (("one", "zero"), "the_only_non_null", '2 sources of "main/step/x" are not null'),
    ],
)
def test_a_pick_that_is_impossible_names_the_parameter(sources, method, told):
    with pytest.raises(JobFailure, match=told):
        link(*sources, pickValue=method)


def test_a_default_stands_in_for_null_and_for_no_source_only():
    assert link("null", default=5) == 5
    assert link("zero", default=5) == 0
    assert link("empty", default=5) == []
    assert linked({"id": "x", "default": 5}, "source", VALUES.__getitem__) == 5
    assert linked({"id": "x"}, "source", VALUES.__getitem__) is None


def test_merging_leaves_the_sources_as_they_were():
    link("list", "one", linkMerge="merge_flattened").append(4)
    link("list", "one", linkMerge="merge_nested").append(4)
    assert VALUES["list"] == [2, 3]
