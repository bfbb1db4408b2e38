"""Trying again: how often, how long in between, and what is raised at last."""

from __future__ import annotations

import pytest

from toil_core.system.retry import Patience, retry


class Flaky:
    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionError(self.calls)
        return "done"


@pytest.fixture
def waits():
    return []


def patience(waits, chance=1.0, attempts=4):
    return Patience(attempts, base_seconds=1.0, cap_seconds=3.0, sleep=waits.append, chance=lambda: chance)


def passing(error):
    return 0.0 if isinstance(error, ConnectionError) else None


def test_what_succeeds_at_last_is_returned_after_waits_that_double_up_to_the_cap(waits):
    assert retry(Flaky(3), passing, patience(waits)) == "done"
    assert waits == [1.0, 2.0, 3.0]


def test_the_wait_is_a_random_part_of_its_bound(waits):
    retry(Flaky(2), passing, patience(waits, chance=0.25))
    assert waits == [0.25, 0.5]


def test_no_less_is_waited_than_the_service_asked_for(waits):
    retry(Flaky(1), lambda error: 7.0, patience(waits))
    assert waits == [7.0]


def test_who_asks_for_a_day_is_not_waited_for(waits):
    with pytest.raises(ConnectionError):
        retry(Flaky(1), lambda error: 86_400.0, patience(waits))
    assert waits == []


def test_the_last_error_is_raised_when_the_attempts_are_used_up(waits):
    flaky = Flaky(10)
    with pytest.raises(ConnectionError, match="4"):
        retry(flaky, passing, patience(waits))
    assert flaky.calls == 4
    assert len(waits) == 3


def test_an_error_that_stays_is_raised_at_once(waits):
    def refuse():
        raise PermissionError("no")

    with pytest.raises(PermissionError):
        retry(refuse, passing, patience(waits))
    assert waits == []
