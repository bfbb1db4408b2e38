"""A run's journal as someone finds it who was not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import SimpleQueue

import pytest

from toil_core.api.batch_system import BatchSetup, BatchSystem, Ended
from toil_core.engine.announce import outcome_events
from toil_core.engine.channel import Channel
from toil_core.engine.inspection import counts, inspect
from toil_core.engine.leader import Crew, Happening, Leader, StopRequested
from toil_core.engine.policy import Policy
from toil_core.engine.recovery import take_over
from toil_core.engine.snapshots import snapshot_lines
from toil_core.errors import Fenced, StoreDamaged, StoreFull
from toil_core.model.description import JobDescription, Placement
from toil_core.model.event import Event, EventKind
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobsAdded, Lead, OutcomeAccepted
from toil_core.model.requirements import Resources
from toil_core.model.wire import encode_record
from toil_core.store.job_store import JobStore
from toil_core.store.journal import Journal
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage


def job(name: str) -> JobDescription:
    return JobDescription(JobId(name), name, "m:f")


class Batch(BatchSystem):
    """Remembers what it was told to do, and only ever cancels."""

    def __init__(self, queue: SimpleQueue[Happening]) -> None:
        self.queue = queue
        self.issued: list[AttemptId] = []
        self.cancelled: list[AttemptId] = []

    def start(self, setup: BatchSetup, report: object) -> None: ...

    def capacity(self) -> Resources:
        return Resources(cores=64, memory=2**50, disk=2**50)

    def issue(self, orders: Iterator[WorkOrder]) -> None:  # type: ignore[override]
        self.issued += [order.attempt for order in orders]

    def cancel(self, attempts: Iterator[AttemptId]) -> None:  # type: ignore[override]
        for attempt in attempts:
            self.cancelled.append(attempt)
            self.queue.put(Ended(attempt, None, FailureKind.CANCELLED))

    def shutdown(self) -> None: ...


class Host:
    """Jobs beside the leader end at once; how many there were that it had not heard of."""

    def __init__(self) -> None:
        self.ran: list[JobId] = []
        self.unheard: set[AttemptId] = set()
        self.most = 0

    def run(self, order: WorkOrder, report: Callable[[Ended], None]) -> None:
        self.ran.append(order.job.id)
        self.unheard.add(order.attempt)
        self.most = max(self.most, len(self.unheard))
        report(Ended(order.attempt, Outcome(order.job.id, order.attempt, Payload("v"))))

    def cancel(self, attempt: AttemptId) -> None:
        raise AssertionError("nothing is cancelled here")


class Queue(SimpleQueue[Happening]):
    """Tells the host what the leader has heard of."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def get(self, block: bool = True, timeout: float | None = None) -> Happening:
        happening = super().get(block, timeout)
        if isinstance(happening, Ended):
            self.host.unheard.discard(happening.attempt)
        return happening


class Stage:
    """A leader of some jobs before a script of happenings."""

    def __init__(
        self, store: JobStore, *, max_active: int = 10, max_beside: int = 1, returns_outcomes: bool = True
    ) -> None:
        self.host = Host()
        self.queue: SimpleQueue[Happening] = Queue(self.host)
        self.batch = Batch(self.queue)
        self.events: list[Event] = []
        journal = Journal(store)
        state = take_over(journal, RunId("run"), Policy(retries=0, stop_on_first_failure=True))
        self.state = state
        channel = Channel(self.queue.put, is_local=True)
        channel.close()  # nobody calls
        crew = Crew(self.batch, returns_outcomes, self.host, max_active, max_beside, channel)
        self.leader = Leader(store, journal, state, crew, self.queue, self.events.append, lambda *_: None)

    def end(self, name: str, attempt: str, **facts: object) -> None:
        outcome = Outcome(JobId(name), AttemptId(attempt), Payload("v"), **facts)  # type: ignore[arg-type]
        self.queue.put(Ended(AttemptId(attempt), outcome))


@pytest.fixture
def store() -> JobStore:
    found = JobStore(MemoryStorage(MemoryPlace()), "test:store", appends=False)
    found.create()
    return found


def begin(store: JobStore, *jobs: JobDescription) -> Journal:
    journal = Journal(store)
    journal.read()
    assert journal.take(Lead(RunId("run"), 1), JobsAdded(jobs)) == []
    return journal


def test_what_a_damaged_journal_still_tells_can_be_looked_at(store: JobStore) -> None:
    journal = begin(store, job("a"), job("b"))
    journal.commit([encode_record(OutcomeAccepted(Outcome(JobId("a"), AttemptId("1.1"), Payload("v"))))])
    journal.commit([encode_record(OutcomeAccepted(Outcome(JobId("b"), AttemptId("1.2"), Payload("v"))))])
    store.storage.put("journal/000000000003", b"damaged")
    found = inspect(store)
    assert counts(found)["done"] == 1
    assert found.damage is not None
    assert "journal/000000000003" in str(found.damage)
    with pytest.raises(StoreDamaged):
        take_over(Journal(store), RunId("run"), Policy())


def test_outcomes_left_in_the_store_are_adopted_with_those_of_the_jobs_they_made(store: JobStore) -> None:
    begin(store, job("z"))
    store.put_outcome(Outcome(JobId("a"), AttemptId("1.2"), Payload("v")))
    store.put_outcome(Outcome(JobId("z"), AttemptId("1.1"), Payload("v"), jobs=(job("a"),)))
    stage = Stage(store, returns_outcomes=False)
    assert stage.leader.drive(None)
    assert stage.batch.issued == []
    assert list(store.outcomes()) == []


def test_an_outcome_whose_files_are_gone_is_not_adopted(store: JobStore) -> None:
    begin(store, job("a"))
    lost = Outcome(JobId("a"), AttemptId("1.1"), Payload("v"), files=(FileRef("files/1.1/gone", 3),))
    store.put_outcome(lost)
    stage = Stage(store)
    stage.end("a", "2.1")
    assert stage.leader.drive(None)
    assert stage.batch.issued == ["2.1"]


def test_an_order_that_is_held_back_is_never_issued_once_it_is_cancelled(store: JobStore) -> None:
    begin(store, job("a"), job("b"), job("c"))
    stage = Stage(store, max_active=1)
    stage.queue.put(Ended(AttemptId("2.1"), None, FailureKind.ERROR, "it broke"))
    assert not stage.leader.drive(None)
    assert stage.batch.issued == ["2.1", "2.2"]
    assert stage.batch.cancelled == ["2.2"]
    failures = [event.job for event in stage.events if event.kind is EventKind.ATTEMPT_FAILED]
    assert failures == ["a"]


def test_a_leader_that_was_fenced_says_so_at_its_next_commit(store: JobStore) -> None:
    begin(store, job("a"), job("b"))
    stage = Stage(store)
    take_over(Journal(store), RunId("run"), Policy())
    stage.end("a", "2.1")
    with pytest.raises(Fenced):
        stage.leader.drive(None)


def test_a_full_store_stops_the_leader(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(store, job("a"))
    stage = Stage(store)

    def full(*_: object, **__: object) -> None:
        raise StoreFull("no space is left")

    monkeypatch.setattr(store.storage, "put", full)
    with pytest.raises(StoreFull):
        stage.leader.drive(None)


def test_stopping_twice_ends_at_once(store: JobStore) -> None:
    begin(store, job("a"))
    stage = Stage(store)
    stage.queue.put(StopRequested())
    stage.queue.put(StopRequested())
    assert not stage.leader.drive(None)
    assert stage.leader.is_interrupted
    assert stage.batch.cancelled == ["2.1"]


def test_jobs_that_took_the_result_of_earlier_work_are_counted_and_told(store: JobStore) -> None:
    journal = begin(store, job("a"), job("b"))
    for name, is_reused in (("a", True), ("b", False)):
        record = OutcomeAccepted(Outcome(JobId(name), AttemptId("1.1"), Payload("v"), is_reused=is_reused))
        journal.commit([encode_record(record)])
        told = [event.kind for event in outcome_events(record, job(name))]
        assert told == [EventKind.JOB_REUSED if is_reused else EventKind.JOB_SUCCEEDED]
    found = inspect(store)
    assert {word: number for word, number in counts(found).items() if number} == {"done": 2, "reused": 1}
    journal.write_snapshot(snapshot_lines(found.state))
    assert counts(inspect(store))["reused"] == 1


def test_bookkeeping_jobs_are_few_at_a_time_and_first_come_first_served(store: JobStore) -> None:
    jobs = [replace(job(f"{number:03}"), placement=Placement.LEADER) for number in range(100)]
    begin(store, *jobs)
    stage = Stage(store, max_beside=3)
    assert stage.leader.drive(None)
    assert stage.host.most == 3
    assert stage.host.ran == [one.id for one in jobs]
