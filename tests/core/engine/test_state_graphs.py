"""Random graphs that grow while they run, beside an interpreter that says plainly what the edges mean."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from toil_core.engine.actions import Action, Cancel, End, Issue, Write
from toil_core.engine.node import DONE, FAILED
from toil_core.engine.policy import Policy
from toil_core.engine.snapshots import restore_state, snapshot_lines
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobFailed, JobsAdded, Lead, OutcomeAccepted, Record, SubtreeReset

POLICY = Policy(retries=1, double_memory=True)
MOST_JOBS = 24
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
KINDS = sorted(FailureKind, key=lambda kind: kind.value)


class Reference:
    """The jobs of a run after some records. Everything is worked out from scratch, each time."""

    def __init__(self) -> None:
        self.jobs: dict[JobId, JobDescription] = {}
        self.maker: dict[JobId, JobId] = {}
        self.ran: dict[JobId, tuple[JobId, ...]] = {}
        self.done: set[JobId] = set()

    def take(self, record: Record) -> None:
        if isinstance(record, JobsAdded):
            self.jobs.update({job.id: job for job in record.jobs})
        elif isinstance(record, SubtreeReset):
            self._drop(record.job)
        elif isinstance(record, OutcomeAccepted) and record.outcome.failure is None:
            outcome = record.outcome
            self.ran[outcome.job] = outcome.needs
            self.jobs.update({job.id: job for job in outcome.jobs})
            self.maker.update({job.id: outcome.job for job in outcome.jobs})
        self._find_done()

    def ready(self) -> set[JobId]:
        """Jobs that wait for nothing and have not run."""
        known = self.known()
        return {
            job.id
            for job in self.jobs.values()
            if job.id not in self.ran and all(self._holds(edge, known) for edge in job.edges)
        }

    def known(self) -> set[JobId]:
        """Jobs whose value is there, with all that is promised in it."""
        known: set[JobId] = set()
        while True:
            more = {job for job, needs in self.ran.items() if job not in known and known.issuperset(needs)}
            if not more:
                return known
            known |= more

    def _holds(self, edge: Edge, known: set[JobId]) -> bool:
        if edge.kind is EdgeKind.DATA:
            return edge.job in known
        if edge.kind is EdgeKind.CHILD:
            return edge.job in self.ran
        return edge.job in self.ran and (edge.job in self.done or self._all_done(EdgeKind.CHILD, edge.job))

    def _all_done(self, kind: EdgeKind, above: JobId) -> bool:
        return all(job.id in self.done for job in self.jobs.values() if Edge(kind, above) in job.edges)

    def _find_done(self) -> None:
        size = -1
        while len(self.done) != size:
            size = len(self.done)
            self.done |= {
                job
                for job in self.ran
                if self._all_done(EdgeKind.CHILD, job) and self._all_done(EdgeKind.FOLLOW_ON, job)
            }

    def _drop(self, checkpoint: JobId) -> None:
        for job in [job for job, maker in self.maker.items() if self._made(job, checkpoint)]:
            del self.jobs[job], self.maker[job]
            self.ran.pop(job, None)
            self.done.discard(job)
        del self.ran[checkpoint]
        self.done.discard(checkpoint)

    def _made(self, job: JobId, maker: JobId) -> bool:
        while job in self.maker:
            job = self.maker[job]
            if job == maker:
                return True
        return False


class Living:
    """A run whose records are kept, with what the state machine has asked for so far."""

    def __init__(self, draw: st.DataObject, policy: Policy = POLICY) -> None:
        self.draw = draw
        self.state = State(policy)
        self.reference = Reference()
        self.records: list[Record] = []
        self.active: dict[AttemptId, JobId] = {}
        self.old: list[tuple[JobId, AttemptId]] = []
        self.end: End | None = None
        self.stopped = False
        self.failed: set[JobId] = set()
        self.counted: Counter[JobId] = Counter()

    def begin(self) -> None:
        lead = Lead(RunId("run"), 1)
        self.records.append(lead)
        self.state.replay(lead)
        jobs = self.new_jobs(None, "root", 1)
        record = JobsAdded(jobs)
        self.records.append(record)
        self.reference.take(record)
        self.carry_out(self.state.apply(record))

    def new_jobs(self, maker: JobId | None, prefix: str, least: int, promised: int = 0) -> tuple[JobDescription, ...]:
        """Jobs that can all run. The first ``promised`` ones are in the maker's value, so they do not read it."""
        count = least + self.draw.draw(st.integers(0, 3 if len(self.state.jobs) < MOST_JOBS else 0), "new jobs")
        jobs: list[JobDescription] = []
        early = [maker] if maker else []
        family = [*early]
        known = sorted(self.reference.known())
        is_late = False
        for index in range(count):
            is_late = is_late or (index >= promised and bool(family) and self.draw.draw(st.booleans(), "follow-ons"))
            if is_late:
                edges = [Edge(EdgeKind.FOLLOW_ON, self.draw.draw(st.sampled_from(family), "after"))]
            else:
                edges = [Edge(EdgeKind.CHILD, job) for job in self.some(early)]
            readable = [job for job in early if job != maker or index >= promised]
            edges += [Edge(EdgeKind.DATA, job) for job in self.some(sorted({*known, *readable}))]
            jobs.append(self.job(JobId(f"{prefix}-{index}"), edges))
            family.append(jobs[-1].id)
            if not is_late:
                early.append(jobs[-1].id)
        return tuple(jobs)

    def some(self, jobs: list[JobId]) -> list[JobId]:
        return self.draw.draw(st.lists(st.sampled_from(jobs), max_size=2), "some") if jobs else []

    def job(self, name: JobId, edges: list[Edge]) -> JobDescription:
        retries = self.draw.draw(st.sampled_from([None, 0]), "retries")
        checkpoint = self.draw.draw(st.integers(0, 3), "checkpoint") == 0
        return JobDescription(name, "job", "m:f", edges=tuple(edges), retries=retries, checkpoint=checkpoint)

    def step(self) -> None:
        choice = self.draw.draw(st.integers(0, 9), "event")
        if choice == 0 and self.old:
            job, attempt = self.draw.draw(st.sampled_from(self.old), "old attempt")
        else:
            attempt = self.draw.draw(st.sampled_from(sorted(self.active)), "attempt")
            job = self.active[attempt]
        if choice == 9 and not self.stopped and self.draw.draw(st.integers(0, 3), "stop") == 0:
            self.stopped = True
            self.carry_out(self.state.stop())
            return
        is_failure = self.draw.draw(st.integers(0, 4), "failure") == 0 or self.stopped
        outcome = self.failure(job, attempt) if is_failure else self.success(job, attempt)
        self.feed(outcome)

    def failure(self, job: JobId, attempt: AttemptId) -> Outcome:
        kind = self.draw.draw(st.sampled_from(KINDS), "failure kind")
        return Outcome(job, attempt, failure=Failure(FailureKind.CANCELLED if self.stopped else kind, "no"))

    def success(self, job: JobId, attempt: AttemptId) -> Outcome:
        room = len(self.state.jobs) < MOST_JOBS
        promised = self.draw.draw(st.integers(0, 2), "promised") if room else 0
        jobs = self.new_jobs(job, attempt, promised, promised)
        needs = tuple(new.id for new in jobs[:promised])
        return Outcome(job, attempt, Payload(text=f"value of {job}"), needs, jobs)

    def feed(self, outcome: Outcome) -> None:
        if not self.state.wants(outcome):
            return
        assert self.state.refusal(outcome) == ""
        record = OutcomeAccepted(outcome)
        self.records.append(record)
        self.reference.take(record)
        self.active.pop(outcome.attempt, None)
        if outcome.failure is not None:
            self.counted[outcome.job] += outcome.failure.kind is not FailureKind.LOST
        self.carry_out(self.state.apply(record))

    def carry_out(self, actions: list[Action]) -> None:
        issued: dict[AttemptId, Issue] = {}
        for action in actions:
            assert self.end is None, "something came after the end"
            if isinstance(action, Issue):
                assert action.attempt not in self.active
                issued[action.attempt] = action
                self.active[action.attempt] = action.job.id
                self.old.append((action.job.id, action.attempt))
            elif isinstance(action, Cancel):
                if not self.stopped:
                    del self.active[action.attempt]
            elif isinstance(action, Write):
                self.decide(action.record)
            else:
                self.end = action
        for action in issued.values():
            self.check_values(action.job)
        self.check()

    def decide(self, record: Record) -> None:
        self.records.append(record)
        self.reference.take(record)
        if isinstance(record, JobFailed):
            self.failed.add(record.job)
            final = record.failure.kind in (FailureKind.PERMANENT, FailureKind.UNSUPPORTED, FailureKind.LOST)
            retries = self.state.jobs[record.job].description.retries
            assert final or self.counted[record.job] > (POLICY.retries if retries is None else retries)
        if isinstance(record, SubtreeReset):
            self.counted[record.job] += 1

    def check_values(self, job: JobDescription) -> None:
        values = dict(self.state.graph.values_for(job))
        wanted = [edge.job for edge in job.edges if edge.kind is EdgeKind.DATA]
        while wanted:
            one = wanted.pop()
            assert values[one].text == f"value of {one}"
            wanted += self.reference.ran[one]

    def check(self) -> None:
        failed = self.failed & self.reference.jobs.keys()
        ready = self.reference.ready() - failed
        if not self.stopped:
            assert set(self.active.values()) == ready
        else:
            assert set(self.active.values()) <= ready
        assert len(set(self.active.values())) == len(self.active)
        assert set(self.state.active) == set(self.active)
        assert self.state.jobs.keys() == self.reference.jobs.keys()
        assert sum(self.state.counts) == len(self.reference.jobs)
        assert {job for job, node in self.state.jobs.items() if node.phase == DONE} == self.reference.done
        assert self.state.counts[DONE] == len(self.reference.done)
        assert self.state.counts[FAILED] == len(failed) == len(self.state.failures)
        assert (self.end is not None) == (not self.active)
        if self.end is not None:
            assert self.end.succeeded == (len(self.reference.done) == len(self.reference.jobs))
            assert not self.end.stuck


def replayed(records: list[Record], policy: Policy = POLICY) -> State:
    state = State(policy)
    for record in records:
        state.replay(record)
    return state


def restored(state: State) -> State:
    """The state after a snapshot of it was written and read."""
    copy = State(state.policy)
    restore_state(copy, json.loads(json.dumps(snapshot_lines(state))))
    return copy


def resumed(state: State) -> set[JobId]:
    state.replay(Lead(RunId("run"), state.epoch + 1))
    return {action.job.id for action in state.resume() if isinstance(action, Issue)}


def finish(state: State) -> None:
    """Let every job succeed from here on; all must come to be done."""
    end = None
    while state.active:
        attempt, node = next(iter(state.active.items()))
        job = node.description.id
        outcome = Outcome(job, attempt, Payload(text=f"value of {job}"))
        end = next((action for action in state.apply(OutcomeAccepted(outcome)) if isinstance(action, End)), end)
    assert state.counts[DONE] == len(state.jobs)
    assert end is None or end.succeeded


def lived(draw: st.DataObject, steps: int) -> Living:
    run = Living(draw)
    run.begin()
    for _ in range(steps):
        if run.end is not None:
            break
        run.step()
    return run


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(st.data())
def test_jobs_are_issued_exactly_when_what_they_wait_for_has_come_true(draw: st.DataObject) -> None:
    lived(draw, 60)


@settings(max_examples=25, deadline=None, phases=PHASES)
@given(st.data())
def test_every_beginning_of_the_journal_and_every_snapshot_gives_the_state_of_that_moment(draw: st.DataObject) -> None:
    run = lived(draw, 40)
    reference = Reference()
    for length, record in enumerate(run.records, 1):
        reference.take(record)
        state = replayed(run.records[:length])
        assert resumed(restored(state)) == reference.ready()
        assert resumed(state) == reference.ready()
        finish(state)
        finish_of_copy = restored(replayed(run.records[:length]))
        resumed(finish_of_copy)
        finish(finish_of_copy)


@settings(max_examples=25, deadline=None, phases=PHASES)
@given(st.data())
def test_a_snapshot_of_the_living_state_goes_on_like_one_that_was_replayed(draw: st.DataObject) -> None:
    run = lived(draw, draw.draw(st.integers(0, 40)))
    copy = restored(run.state)
    again = replayed(run.records)
    assert {job: node.memory for job, node in copy.jobs.items()} == {
        job: node.memory for job, node in again.jobs.items()
    }
    assert copy.kept_objects() == again.kept_objects()
    assert resumed(copy) == resumed(again) == run.reference.ready()
