"""On a restart, what has not run is described anew; what ran, and ids and edges, stay."""

from __future__ import annotations

from dataclasses import replace

from toil_core.engine.actions import Issue
from toil_core.engine.policy import Policy
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobFailed, JobsAdded, Lead, OutcomeAccepted
from toil_core.model.requirements import Requirements


def job(name, *above, memory=100):
    edges = tuple(Edge(EdgeKind.CHILD, JobId(other)) for other in above)
    return JobDescription(JobId(name), name, "m:f", edges=edges, requirements=Requirements(memory=memory))


def ran(name, *jobs):
    return OutcomeAccepted(Outcome(JobId(name), AttemptId("1.1"), Payload("value"), (), jobs))


def more_memory(description):
    return replace(description, requirements=Requirements(memory=description.requirements.memory * 3))


def taken_over(*records, policy=Policy()):
    state = State(policy)
    for record in (Lead(RunId("run"), 1), *records, Lead(RunId("run"), 2)):
        state.replay(record)
    return state


def asked(actions):
    return {action.job.id: action.resources.memory for action in actions if isinstance(action, Issue)}


def test_jobs_that_failed_or_wait_ask_for_what_the_code_says_now():
    failed = JobFailed(JobId("b"), Failure(FailureKind.ERROR, "no"))
    state = taken_over(JobsAdded((job("a"), job("b", "a"), job("c", "b"))), ran("a"), failed)
    state.revise(more_memory)
    assert asked(state.resume()) == {"b": 300}
    assert asked(state.apply(ran("b"))) == {"c": 300}
    assert state.jobs[JobId("a")].description.requirements.memory == 100


def test_jobs_that_an_attempt_of_the_leader_before_adds_are_described_anew():
    state = taken_over(JobsAdded((job("a"),)))
    state.revise(more_memory)
    state.replay(ran("a", job("b", "a")))
    assert asked(state.resume()) == {"b": 300}


def test_memory_that_was_doubled_counts_as_long_as_nothing_changed():
    killed = OutcomeAccepted(Outcome(JobId("a"), AttemptId("1.1"), failure=Failure(FailureKind.MEMORY, "no")))
    for change, memory in ((lambda description: description, 200), (more_memory, 300)):
        state = taken_over(JobsAdded((job("a"),)), killed, policy=Policy(double_memory=True))
        state.revise(change)
        assert asked(state.resume()) == {"a": memory}
