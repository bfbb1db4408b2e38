"""The state machine with plain values: a record in, actions out."""

from __future__ import annotations

import json
import time

import pytest

from toil_core.engine.actions import Action, Cancel, End, Issue, Write
from toil_core.engine.node import DONE, FAILED, READY
from toil_core.engine.policy import LOST_LIMIT, Policy
from toil_core.engine.snapshots import restore_state, snapshot_lines
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobFailed, JobsAdded, Lead, OutcomeAccepted, RunEnded, SubtreeReset
from toil_core.model.requirements import Requirements


def job(
    name: str, *edges: tuple[EdgeKind, str], checkpoint: bool = False, retries: int | None = None
) -> JobDescription:
    found = tuple(Edge(kind, JobId(other)) for kind, other in edges)
    return JobDescription(JobId(name), name, "m:f", edges=found, checkpoint=checkpoint, retries=retries)


def child(name: str, parent: str, *edges: tuple[EdgeKind, str]) -> JobDescription:
    return job(name, (EdgeKind.CHILD, parent), *edges)


def reader(name: str, *sources: str) -> JobDescription:
    return job(name, *((EdgeKind.DATA, source) for source in sources))


def begun(*jobs: JobDescription, policy: Policy = Policy()) -> tuple[State, list[Action]]:
    state = State(policy)
    state.replay(Lead(RunId("run"), 1))
    return state, state.apply(JobsAdded(jobs))


def issued(actions: list[Action]) -> list[str]:
    return [action.job.id for action in actions if isinstance(action, Issue)]


def succeed(state: State, name: str, *jobs: JobDescription, needs: tuple[str, ...] = ()) -> list[Action]:
    node = state.jobs[JobId(name)]
    attempt = node.attempt or AttemptId("9.9")
    needed = tuple(JobId(need) for need in needs)
    return state.apply(OutcomeAccepted(Outcome(JobId(name), attempt, Payload(f"value of {name}"), needed, jobs)))


def fail(state: State, name: str, kind: FailureKind = FailureKind.ERROR) -> list[Action]:
    attempt = state.jobs[JobId(name)].attempt
    assert attempt is not None
    return state.apply(OutcomeAccepted(Outcome(JobId(name), attempt, failure=Failure(kind, "no"))))


def restored(state: State) -> State:
    copy = State(state.policy)
    restore_state(copy, snapshot_lines(state))
    copy.replay(Lead(RunId("run"), state.epoch + 1))
    return copy


def test_a_run_without_jobs_ends_at_once() -> None:
    assert begun()[1] == [End(True)]


def test_a_child_waits_until_its_parent_ran_and_a_follow_on_until_the_subtree_is_done() -> None:
    state, actions = begun(job("a"), child("b", "a"), job("f", (EdgeKind.FOLLOW_ON, "a")))
    assert issued(actions) == ["a"]
    assert issued(succeed(state, "a")) == ["b"]
    assert issued(succeed(state, "b", child("c", "b"))) == ["c"]
    assert issued(succeed(state, "c")) == ["f"]
    assert succeed(state, "f") == [End(True)]


def test_a_reader_waits_for_promises_inside_promises() -> None:
    state, _ = begun(job("a"), reader("r", "a"))
    assert issued(succeed(state, "a", job("b"), needs=("b",))) == ["b"]
    assert issued(succeed(state, "b", job("c"), needs=("c",))) == ["c"]
    assert issued(succeed(state, "c")) == ["r"]
    values = dict(state.graph.values_for(state.jobs[JobId("r")].description))
    assert {name: value.text for name, value in values.items()} == {name: f"value of {name}" for name in "abc"}


def test_promises_inside_promises_are_still_open_after_a_snapshot() -> None:
    state, _ = begun(job("a"), reader("r", "a"))
    succeed(state, "a", job("b"), needs=("b",))
    succeed(state, "b", job("c"), needs=("c",))
    assert issued(restored(state).resume()) == ["c"]


def test_a_new_job_that_reads_its_maker_waits_for_what_the_maker_promised() -> None:
    state, _ = begun(job("a"))
    assert issued(succeed(state, "a", job("b"), reader("r", "a"), needs=("b",))) == ["b"]
    assert issued(succeed(state, "b")) == ["r"]


def test_a_second_wave_of_children_is_waited_for_by_a_second_follow_on() -> None:
    state, _ = begun(job("a"), job("f", (EdgeKind.FOLLOW_ON, "a")))
    assert issued(succeed(state, "a")) == ["f"]
    late = (child("c", "a"), job("g", (EdgeKind.FOLLOW_ON, "a")))
    assert issued(succeed(state, "f", *late)) == ["c"]
    assert issued(succeed(state, "c")) == ["g"]
    assert succeed(state, "g") == [End(True)]


@pytest.mark.parametrize(
    ("kind", "tries"),
    [
        (FailureKind.ERROR, 3),
        (FailureKind.MEMORY, 3),
        (FailureKind.TIME, 3),
        (FailureKind.PREEMPTED, 3),
        (FailureKind.CANCELLED, 3),
        (FailureKind.LOST, LOST_LIMIT + 1),
        (FailureKind.PERMANENT, 1),
        (FailureKind.UNSUPPORTED, 1),
    ],
)
def test_a_failed_job_is_tried_as_often_as_its_kind_of_failure_allows(kind: FailureKind, tries: int) -> None:
    state, _ = begun(job("a"), policy=Policy(retries=2))
    for _ in range(tries - 1):
        assert issued(fail(state, "a", kind)) == ["a"]
    assert fail(state, "a", kind) == [Write(JobFailed(JobId("a"), Failure(kind, "no"))), End(False)]
    assert state.counts[FAILED] == 1


def test_a_preempted_try_may_cost_nothing() -> None:
    state, _ = begun(job("a"), policy=Policy(retries=0, unlimited_preemptible=True))
    for _ in range(20):
        assert issued(fail(state, "a", FailureKind.PREEMPTED)) == ["a"]


def test_memory_is_doubled_after_a_kill_for_memory_also_when_the_leader_died_in_between() -> None:
    needs = JobDescription(JobId("a"), "a", "m:f", requirements=Requirements(memory=100))
    state, _ = begun(needs, policy=Policy(double_memory=True))
    (again,) = fail(state, "a", FailureKind.MEMORY)
    assert isinstance(again, Issue)
    assert again.resources.memory == 200
    replay = State(state.policy)
    failure = Outcome(needs.id, AttemptId("1.1"), failure=Failure(FailureKind.MEMORY, "no"))
    for record in (Lead(RunId("run"), 1), JobsAdded((needs,)), OutcomeAccepted(failure), Lead(RunId("run"), 2)):
        replay.replay(record)
    (issue,) = [action for action in replay.resume() if isinstance(action, Issue)]
    assert issue.resources.memory == 200


def test_a_late_success_of_an_older_attempt_counts_and_ends_the_newer_one() -> None:
    state, _ = begun(job("a"), child("b", "a"))
    fail(state, "a", FailureKind.LOST)
    late = Outcome(JobId("a"), AttemptId("1.1"), Payload("late"))
    assert state.wants(late)
    actions = state.apply(OutcomeAccepted(late))
    assert actions[0] == Cancel(AttemptId("1.2"))
    assert issued(actions) == ["b"]
    assert not state.wants(late)


def test_a_late_failure_of_an_older_attempt_counts_for_nothing() -> None:
    state, _ = begun(job("a"))
    fail(state, "a", FailureKind.LOST)
    assert not state.wants(Outcome(JobId("a"), AttemptId("1.1"), failure=Failure(FailureKind.ERROR, "no")))


def test_stopping_cancels_what_runs_and_ends_when_the_last_attempt_has_ended() -> None:
    state, _ = begun(job("a"), job("b"))
    assert state.stop() == [Cancel(AttemptId("1.1")), Cancel(AttemptId("1.2"))]
    assert fail(state, "a", FailureKind.CANCELLED) == []
    assert succeed(state, "b", job("c")) == [End(False)]
    assert state.jobs[JobId("a")].phase == READY


def test_the_first_failure_stops_the_run_if_so_wished() -> None:
    state, _ = begun(job("a"), job("b"), policy=Policy(retries=0, stop_on_first_failure=True))
    actions = fail(state, "a")
    assert actions == [Write(JobFailed(JobId("a"), Failure(FailureKind.ERROR, "no"))), Cancel(AttemptId("1.2"))]
    assert fail(state, "b", FailureKind.CANCELLED) == [End(False)]


def test_jobs_that_wait_for_each_other_are_named_at_the_end() -> None:
    state, actions = begun(job("a", (EdgeKind.DATA, "b")), job("b", (EdgeKind.DATA, "a")))
    assert actions == [End(False, ("a", "b"))]
    assert state.ended is False


def test_a_failed_job_runs_again_after_a_restart() -> None:
    state, _ = begun(job("a"), child("b", "a"), policy=Policy(retries=0))
    fail(state, "a")
    state.replay(RunEnded(False))
    assert issued(restored(state).resume()) == ["a"]


def test_a_finished_run_ends_at_once_when_it_is_restarted() -> None:
    state, _ = begun(job("a"))
    succeed(state, "a")
    state.replay(RunEnded(True))
    state.replay(Lead(RunId("run"), 2))
    assert state.resume()[-1] == End(True)


def test_new_jobs_that_make_no_sense_are_refused() -> None:
    state, _ = begun(job("a"))
    outcome = Outcome(JobId("a"), AttemptId("1.1"), Payload("v"))

    def refusal(*jobs: JobDescription, needs: tuple[JobId, ...] = ()) -> str:
        return state.refusal(Outcome(outcome.job, outcome.attempt, outcome.value, needs, jobs))

    assert refusal(job("b"), child("c", "b")) == ""
    assert "earlier one" in refusal(job("a"))
    assert "same id" in refusal(job("b"), job("b"))
    assert "does not have" in refusal(child("b", "nobody"))
    assert "does not have" in refusal(needs=(JobId("nobody"),))


def checkpointed() -> State:
    """A checkpoint job that ran and made ``x``; ``r`` reads it and the slow ``d``."""
    state, _ = begun(job("c", checkpoint=True), job("d"), reader("r", "c", "d"), policy=Policy(retries=1))
    succeed(state, "c", job("x", (EdgeKind.CHILD, "c"), retries=0))
    return state


def test_a_checkpoint_starts_over_when_something_below_it_has_failed_for_good() -> None:
    state = checkpointed()
    actions = fail(state, "x")
    assert actions[0] == Write(SubtreeReset(JobId("c")))
    assert issued(actions) == ["c"]
    assert JobId("x") not in state.jobs
    assert issued(succeed(state, "c", child("y", "c"))) == ["y"]
    succeed(state, "y")
    assert issued(succeed(state, "d")) == ["r"]
    assert succeed(state, "r") == [End(True)]


def test_a_checkpoint_that_starts_over_has_used_up_a_try_also_when_the_journal_is_replayed() -> None:
    living = checkpointed()
    replayed = restored(living)
    fail(living, "x")
    replayed.replay(SubtreeReset(JobId("c")))
    assert replayed.jobs[JobId("c")].tries == living.jobs[JobId("c")].tries == 1


def test_a_job_that_has_not_run_waits_again_for_the_checkpoint_that_starts_over() -> None:
    state = checkpointed()
    fail(state, "x")
    assert issued(succeed(state, "d")) == []
    assert issued(succeed(state, "c")) == ["r"]


def test_a_job_that_began_with_the_old_value_of_a_checkpoint_is_cancelled() -> None:
    state = checkpointed()
    (issue,) = succeed(state, "d")
    assert isinstance(issue, Issue)
    assert Cancel(issue.attempt) in fail(state, "x")
    assert issued(succeed(state, "c")) == ["r"]


def test_files_of_a_checkpoint_stay_if_someone_ran_with_its_value() -> None:
    state, _ = begun(job("c", checkpoint=True), reader("r", "c"))
    made = (job("x", (EdgeKind.CHILD, "c"), retries=0),)
    kept = FileRef("files/1.1/a", 5)
    state.apply(OutcomeAccepted(Outcome(JobId("c"), AttemptId("1.1"), Payload("v"), jobs=made, files=(kept,))))
    succeed(state, "r")
    fail(state, "x")
    assert state.kept_objects() == {"files/1.1/a"}


def test_a_checkpoint_whose_jobs_others_refer_to_does_not_start_over() -> None:
    state, _ = begun(job("c", checkpoint=True), job("d"))
    succeed(state, "c", job("x", (EdgeKind.CHILD, "c")), job("y", (EdgeKind.CHILD, "c"), retries=0))
    succeed(state, "x")
    succeed(state, "d", reader("r", "x"))
    assert isinstance(fail(state, "y")[0], Write)
    assert state.counts[FAILED] == 1


def test_a_job_that_was_reset_frees_those_above_it() -> None:
    state, _ = begun(job("p"), job("q", (EdgeKind.FOLLOW_ON, "p")), job("c", checkpoint=True))
    succeed(state, "c", child("x", "p", (EdgeKind.CHILD, "c")), job("y", (EdgeKind.CHILD, "c"), retries=0))
    succeed(state, "p")
    assert set(issued(fail(state, "y"))) == {"c", "q"}


def test_a_deep_chain_needs_no_deep_stack() -> None:
    depth = 100_000
    chain = [job("0"), *(child(str(n), str(n - 1)) for n in range(1, depth))]
    state, _ = begun(*chain)
    for n in range(depth):
        succeed(state, str(n))
    assert state.counts[DONE] == depth
    assert state.ended


def test_a_deep_chain_of_promises_becomes_known_at_once() -> None:
    depth = 20_000
    state, _ = begun(job("0"), reader("r", "0"))
    for n in range(depth):
        succeed(state, str(n), job(str(n + 1)), needs=(str(n + 1),))
    assert issued(restored(state).resume()) == [str(depth)]
    assert issued(succeed(state, str(depth))) == ["r"]
    assert len(state.graph.values_for(state.jobs[JobId("r")].description)) == depth + 1


def test_wide_fans_are_quick() -> None:
    width = 20_000
    leaves = [child(str(n), "root") for n in range(width)]
    gather = reader("gather", *(leaf.id for leaf in leaves))
    begin = time.process_time()
    state, _ = begun(job("root"), *leaves, gather)
    assert len(issued(succeed(state, "root"))) == width
    for leaf in leaves:
        succeed(state, leaf.id)
    assert state.active
    assert succeed(state, "gather") == [End(True)]
    assert time.process_time() - begin < 10  # a square law would need minutes


def test_a_snapshot_survives_json() -> None:
    state = checkpointed()
    lines = [json.dumps(json.loads(line)) for line in snapshot_lines(state)]
    copy = State(state.policy)
    restore_state(copy, lines)
    assert list(copy.snapshot()) == list(state.snapshot())


def test_a_run_that_starts_over_gives_up_all_it_had() -> None:
    state, _ = begun(job("a"), job("b"))
    succeed(state, "a", child("c", "a"))
    state.apply(OutcomeAccepted(Outcome(JobId("b"), AttemptId("1.2"), Payload("v"), files=(FileRef("files/1", 1),))))
    assert state.kept_objects() == {"files/1"}
    state = restored(state)
    actions = state.apply(JobsAdded((job("z"), reader("y", "z")), (FileRef("files/2", 1),), "edited", anew=True))
    assert issued(actions) == ["z"]
    assert (state.root, state.origin, list(state.jobs)) == ("z", "edited", ["z", "y"])
    assert state.kept_objects() == {"files/2"}
    state = restored(state)
    assert (state.root, state.origin) == ("z", "edited")
    assert not state.wants(Outcome(JobId("a"), AttemptId("1.1"), Payload("v")))
    assert issued(state.resume()) == ["z"]
    assert issued(succeed(state, "z")) == ["y"]
    assert succeed(state, "y") == [End(True)]


def test_a_binary_tree_that_grows_to_1024_leaves_is_done_from_the_leaves_up() -> None:
    state, actions = begun(job("r"), job("last", (EdgeKind.FOLLOW_ON, "r")))
    waiting, ran = issued(actions), 0
    while waiting:
        name = waiting.pop()
        if name == "last":
            break
        made = [child(name + side, name) for side in "ab"] if len(name) <= 10 else []
        ran += 1
        waiting += issued(succeed(state, name, *made))
        assert ("last" in waiting) == (ran == 2**11 - 1)
    assert ran == 2**11 - 1
    assert succeed(state, "last") == [End(True)]
