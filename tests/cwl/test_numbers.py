"""Numbers keep their value between YAML, JSON and command lines, and show no exponent."""

from __future__ import annotations

import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema_salad.utils import yaml_no_ts

from toil_cwl.numbers import decimals, plain_json


@pytest.mark.parametrize(
    ("number", "shown"), [(1e-7, "0.0000001"), (1e21, "1" + 21 * "0"), (0.1, "0.1"), (-2.5, "-2.5"), (0.0, "0.0")]
)
def test_a_float_is_shown_in_decimals(number, shown):
    assert str(decimals(number)) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_shown_means_the_same_number(number):
    shown = str(decimals(number))
    assert "e" not in shown.lower()
    assert float(shown) == number


def test_floats_are_found_inside_values_and_the_rest_is_untouched():
    value = {"a": [1e-7, True, 1, "1e-7", None]}
    found = decimals(value)
    assert found == value
    assert [str(item) for item in found["a"]] == ["0.0000001", "True", "1", "1e-7", "None"]
    assert json.dumps(found) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [("1.23e5", 123000), ("1e-1", 0.1), ("2.0", 2.0), ("7", 7), ("true", True), ("'1e5'", "1e5"), ("[1.0e2]", [100])],
)
def test_yaml_becomes_plain_json(text, found):
    value = plain_json(yaml_no_ts().load(io.StringIO(text)))
    assert value == found
    assert json.dumps(value) == json.dumps(found)


def test_keys_become_text():
    assert plain_json({1: {"a": (1, 2)}}) == {"1": {"a": [1, 2]}}


def test_a_number_without_end_is_left_as_it_is():
    assert plain_json(math.inf) == math.inf
