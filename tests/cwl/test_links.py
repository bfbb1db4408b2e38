"""Sources become one value: ``linkMerge``, ``pickValue``, ``default``."""

from __future__ import annotations

import pytest

from toil_core.api.job import JobFailure
from toil_cwl.links import linked, sources_of

KNOWN = {"a": 1, "b": 2, "none": None, "list": [3, 4], "holes": [5, None]}


def value(source, **fields):
    return linked({"id": "w.cwl#main/in", "source": source, **fields}, "source", KNOWN.__getitem__)


@pytest.mark.parametrize(
    ("source", "fields", "expected"),
    [
        ("a", {}, 1),
        (["a"], {}, 1),
        (["a"], {"linkMerge": "merge_nested"}, [1]),
        (["list"], {"linkMerge": "merge_flattened"}, [3, 4]),
        (["a", "b"], {}, [1, 2]),
        (["a", "list"], {"linkMerge": "merge_nested"}, [1, [3, 4]]),
        (["a", "list"], {"linkMerge": "merge_flattened"}, [1, 3, 4]),
        (["none", "b"], {"pickValue": "first_non_null"}, 2),
        (["a", "b"], {"pickValue": "first_non_null"}, 1),
        (["none", "b"], {"pickValue": "the_only_non_null"}, 2),
        (["none", "b", "a"], {"pickValue": "all_non_null"}, [2, 1]),
        (["none"], {"pickValue": "all_non_null", "linkMerge": "merge_nested"}, []),
        (["holes", "a"], {"pickValue": "all_non_null", "linkMerge": "merge_flattened"}, [5, 1]),
        ("none", {"default": 7}, 7),
        ("a", {"default": 7}, 1),
    ],
)
def test_what_a_step_gets(source, fields, expected):
    assert value(source, **fields) == expected


def test_a_parameter_without_a_source_has_its_default_or_nothing():
    assert linked({"id": "w.cwl#main/in", "default": 7}, "source", KNOWN.__getitem__) == 7
    assert linked({"id": "w.cwl#main/in"}, "source", KNOWN.__getitem__) is None
    assert sources_of({}, "source") == []


@pytest.mark.parametrize(
    ("source", "method", "said"),
    [
        (["none", "none"], "first_non_null", 'every source of "main/in" is null, and first_non_null needs one'),
        (["none", "none"], "the_only_non_null", "the_only_non_null needs one"),
        (["a", "b"], "the_only_non_null", '2 sources of "main/in" are not null, and the_only_non_null allows one'),
    ],
)
def test_what_cannot_be_picked_is_told_with_the_parameters_name(source, method, said):
    with pytest.raises(JobFailure, match=said):
        value(source, pickValue=method)
