"""Locators, and keys as names of blobs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toil_azure.blob_names import blob_name, blob_prefix, key_of_blob
from toil_azure.locator import parse_locator
from toil_core.errors import UsageError
from toil_core.model.object_key import is_key

PARTS = st.text("aZ0._-", min_size=1, max_size=6).filter(lambda part: part not in (".", ".."))
KEYS = st.lists(PARTS, min_size=1, max_size=6).map("/".join)
DEEP_KEYS = st.integers(150, 255).map(lambda count: "a/" * count + "b").filter(is_key)


@given(KEYS | DEEP_KEYS)
def test_a_key_is_found_again_from_its_blob(key):
    assert key_of_blob(blob_name(key)) == key


@given(KEYS | DEEP_KEYS, st.data())
def test_a_blob_begins_with_what_stands_for_each_beginning_of_its_key(key, data):
    prefix = key[: data.draw(st.integers(0, len(key)))]
    assert blob_name(key).startswith(blob_prefix(prefix))


@given(KEYS | DEEP_KEYS)
def test_no_name_is_one_that_the_service_advises_against(key):
    parts = blob_name(key).split("/")
    assert len(parts) <= 254
    assert not [part for part in parts if part.endswith(".")]
    assert len(blob_name(key)) <= 1024


def test_names_of_most_keys_are_the_keys():
    assert blob_name("journal/000000000001") == "journal/000000000001"
    assert blob_name(".hidden/a.b/...") == ".hidden/a.b/...~"


@pytest.mark.parametrize("name", ["abc", "a1-b2-c3", "0" * 63, "hello-world-001"])
def test_names_that_the_service_takes_are_taken(name):
    assert str(parse_locator(f"account1:{name}")) == f"azure:account1:{name}"


@pytest.mark.parametrize(
    ("name", "near"),
    [("Hello_World", "hello-world"), ("a--b", "a-b"), ("-abc-", "abc"), ("x" * 64, "x" * 63), ("$logs", "logs")],
)
def test_a_name_that_the_service_refuses_is_told_with_one_that_it_takes(name, near):
    with pytest.raises(UsageError) as caught:
        parse_locator(f"account1:{name}")
    assert f"azure:account1:{name}" in str(caught.value)
    assert str(caught.value).endswith(f"Try: azure:account1:{near}")


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "account1",
        "account1:",
        ":name",
        "a:name",
        "Account1:name",
        "x" * 25 + ":name",
        "account1:ab",
        "account1:a:b",
    ],
)
def test_a_locator_that_names_no_store_is_told_with_a_cure(rest):
    with pytest.raises(UsageError) as caught:
        parse_locator(rest)
    assert f"azure:{rest}" in str(caught.value)
    assert caught.value.cure
