"""Time limits of attempts: the run's default, doubling after an end for time, the longest of all."""

from __future__ import annotations

import pytest

from toil_core.engine.actions import Issue
from toil_core.engine.policy import Policy
from toil_core.engine.snapshots import restore_state, snapshot_lines
from toil_core.engine.state import State
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.record import JobsAdded, Lead, OutcomeAccepted
from toil_core.model.requirements import Requirements, Resources


def issued(state: State, record: JobsAdded | OutcomeAccepted) -> float:
    (issue,) = [action for action in state.apply(record) if isinstance(action, Issue)]
    return issue.resources.time_limit_seconds


def job(seconds: float | None) -> JobsAdded:
    return JobsAdded(
        (JobDescription(JobId("a"), "a", "m:f", requirements=Requirements(time_limit_seconds=seconds), retries=9),)
    )


def failed(attempt: int, kind: FailureKind = FailureKind.TIME) -> OutcomeAccepted:
    return OutcomeAccepted(Outcome(JobId("a"), AttemptId(f"1.{attempt}"), failure=Failure(kind, "no")))


def begun(policy: Policy) -> State:
    state = State(policy)
    state.replay(Lead(RunId("run"), 1))
    return state


@pytest.mark.parametrize(
    ("asked", "default", "longest", "given"),
    [(None, 0, 0, 0), (None, 5, 0, 5), (3, 5, 0, 3), (0, 5, 4, 4), (3, 5, 4, 3), (9, 0, 4, 4)],
)
def test_a_job_has_its_own_limit_or_the_default_one_and_never_more_than_the_longest(asked, default, longest, given):
    policy = Policy(defaults=Resources(time_limit_seconds=default), longest_seconds=longest)
    assert issued(begun(policy), job(asked)) == given


def test_an_attempt_that_took_too_long_is_given_twice_the_time_also_after_a_takeover():
    policy = Policy(double_time=True, longest_seconds=35)
    state = begun(policy)
    assert [issued(state, record) for record in (job(10), failed(1), failed(2))] == [10, 20, 35]
    taken = State(policy)
    restore_state(taken, snapshot_lines(state))
    taken.replay(Lead(RunId("run"), 2))
    (issue,) = [action for action in taken.resume() if isinstance(action, Issue)]
    assert issue.resources.time_limit_seconds == 35


def test_time_is_doubled_only_if_asked_for_and_only_after_an_end_for_time():
    state = begun(Policy())
    assert [issued(state, record) for record in (job(10), failed(1))] == [10, 10]
    state = begun(Policy(double_time=True))
    assert [issued(state, record) for record in (job(10), failed(1, FailureKind.ERROR))] == [10, 10]
