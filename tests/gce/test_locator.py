"""Which locators are names of buckets, and which the service would refuse."""

from __future__ import annotations

import pytest

from toil_core.errors import UsageError
from toil_gce.locator import Locator, parse_locator


@pytest.mark.parametrize(
    ("rest", "project", "bucket"),
    [
        ("my-project:my-run", "my-project", "my-run"),
        ("example.com:my-project:run_1", "example.com:my-project", "run_1"),
        ("p:" + "a" * 63, "p", "a" * 63),
        ("p:data.example.org", "p", "data.example.org"),
    ],
)
def test_project_and_bucket_are_told_apart(rest: str, project: str, bucket: str) -> None:
    assert parse_locator(rest) == Locator(project, bucket)
    assert str(parse_locator(rest)) == f"google:{rest}"


@pytest.mark.parametrize("rest", ["", "name", ":name", "project:", ":"])
def test_locator_without_project_or_name_says_what_one_looks_like(rest: str) -> None:
    with pytest.raises(UsageError, match="google:PROJECT:NAME"):
        parse_locator(rest)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ab", "3 to 63"),
        ("a" * 64, "3 to 63"),
        ("a." + "b" * 64, "3 to 63"),
        ("My-Run", "small letters"),
        ("-run", "small letters"),
        ("run-", "small letters"),
        ("a b", "small letters"),
        ("a/b", "small letters"),
        ("google-run", "goog"),
        ("my-google-run", "goog"),
        ("10.0.0.1", "address"),
        ("a..b", "address"),
    ],
)
def test_name_that_the_service_refuses_is_refused_before_it_is_asked(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        parse_locator(f"my-project:{name}")
    assert name in str(caught.value)
    assert "https://cloud.google.com/" in caught.value.cure
