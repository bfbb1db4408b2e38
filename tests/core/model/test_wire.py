"""Everything the model says survives the wire, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import Record
from toil_core.model.wire import (
    WireError,
    decode_order,
    decode_outcome,
    decode_record,
    encode_order,
    encode_outcome,
    encode_record,
)

RECORDS = get_args(Record)

st.register_type_strategy(float, st.floats(allow_nan=False))  # not a number is not equal to itself


@settings(max_examples=30, deadline=None)
@given(st.one_of([st.from_type(kind) for kind in RECORDS]))
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert decode_record(encode_record(record)) == record


@settings(max_examples=20, deadline=None)
@given(st.from_type(Outcome))
def test_an_outcome_comes_back_as_it_was(outcome: Outcome) -> None:
    text = encode_outcome(outcome)
    assert "\n" not in text
    assert decode_outcome(text) == outcome


@settings(max_examples=20, deadline=None)
@given(st.from_type(WorkOrder))
def test_an_order_comes_back_as_it_was(order: WorkOrder) -> None:
    assert decode_order(encode_order(order)) == order


def test_fields_of_a_newer_version_are_ignored() -> None:
    wire = json.loads(encode_outcome(Outcome("a", "1.1")))  # type: ignore[arg-type]
    wire["mood"] = "good"
    assert decode_outcome(json.dumps(wire)) == Outcome("a", "1.1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '"x"', "null", '{"job": "a"}', '{"job":"a","attempt":"1","jobs":3}']
)
def test_what_is_no_outcome_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        decode_outcome(text)


@pytest.mark.parametrize(
    "text", ["", "[]", '["Nothing",{}]', '["Lead",{}]', '["JobFailed",{"job":"a","failure":{"kind":"x","message":""}}]']
)
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        decode_record(text)


def test_text_that_is_no_unicode_survives() -> None:
    outcome = Outcome("a", "1.1", Payload("\udc80 \x00 \u2028"))  # type: ignore[arg-type]
    assert decode_outcome(encode_outcome(outcome).encode().decode()) == outcome
