"""A stored call is made again as the function's decorator says by then, whatever it was called with."""

from __future__ import annotations

import sys
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_core.errors import UsageError
from toil_core.model.ids import JobId
from toil_core.workflow import job, job_function
from toil_core.workflow.job import FunctionJob
from toil_core.workflow.pickling import Values, dump

DATA = st.recursive(
    st.none() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def plain(*args, **kwargs):
    return args, kwargs


plain.__qualname__ = plain.__name__ = "target"
target = job(plain)
DECORATED = {"job": job(plain), "job_function": job_function(plain), "nothing": plain}


def stored(made, ids=None):
    return dump(made, "stored", ids or {}).text


def loaded(text, now, values=None):
    with mock.patch.object(sys.modules[__name__], "target", DECORATED[now]):
        return Values(values or {}, "").load(text)


@given(
    args=st.lists(DATA), kwargs=st.dictionaries(st.sampled_from(["a", "b"]), DATA), now=st.sampled_from([*DECORATED])
)
def test_arguments_are_kept_and_the_decorator_that_is_there_counts(args, kwargs, now):
    again = loaded(stored(target(*args, **kwargs)), now)
    assert type(again) is FunctionJob
    assert (again.args, again.kwargs) == (tuple(args), kwargs)
    assert again.run("context") == ((("context", *args) if now == "job_function" else tuple(args)), kwargs)


@given(value=DATA, now=st.sampled_from([*DECORATED]))
def test_a_promise_among_the_arguments_is_the_old_value(value, now):
    producer = target()
    ids = {producer.rv().producer: JobId("7")}
    text = stored(target([producer.rv("part")]), ids)
    values = {JobId("7"): stored({"part": value})}
    assert loaded(text, now, values).args == ([value],)


def test_a_promise_of_what_an_old_value_does_not_have_is_told():
    producer = target()
    text = stored(target(producer.rv("part")), {producer.rv().producer: JobId("7")})
    with pytest.raises(UsageError, match="a promise asks for 'part' of a dict, which has no such part"):
        loaded(text, "job", {JobId("7"): stored({})})


def test_an_attribute_that_was_given_to_one_job_is_kept():
    made = target(1)
    made.note = "mine"
    assert loaded(stored(made), "job").note == "mine"
