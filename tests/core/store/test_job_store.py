"""What a run keeps beside its journal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from toil_core.errors import NoSuchObject, NoSuchStore, StoreDamaged, StoreExists, StoreFormatError
from toil_core.model.channel import ChannelAddress
from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Outcome
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources
from toil_core.store.job_store import JobStore
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

ORDER = WorkOrder(AttemptId("1.1"), JobDescription(JobId("a"), "a", "m:f"), Resources(), ((JobId("b"), Payload("v")),))
OUTCOME = Outcome(JobId("a"), AttemptId("1.1"), Payload("v"), files=(FileRef("files/1.1/x", 3),))


@pytest.fixture
def place() -> MemoryPlace:
    return MemoryPlace()


@pytest.fixture
def store(place: MemoryPlace) -> JobStore:
    found = JobStore(MemoryStorage(place), "test:store", appends=False)
    found.create()
    return found


def test_result_of_a_worker_whose_run_has_gone_is_not_taken_for_one_of_the_next_run(
    store: JobStore, place: MemoryPlace
) -> None:
    old = JobStore(MemoryStorage(place), "test:store", appends=False)
    old.run()
    store.destroy()
    store.create()
    old.put_outcome(Outcome(OUTCOME.job, OUTCOME.attempt, Payload("of the run before")))
    assert store.outcome(OUTCOME.job, OUTCOME.attempt) is None
    assert list(store.outcomes()) == []
    store.put_outcome(OUTCOME)
    assert store.outcome(OUTCOME.job, OUTCOME.attempt) == OUTCOME


def test_a_leader_whose_run_has_gone_changes_no_order_of_the_next_run(store: JobStore, place: MemoryPlace) -> None:
    old = JobStore(MemoryStorage(place), "test:store", appends=False)
    old.run()
    store.destroy()
    store.create()
    store.put_order(ORDER)
    old.put_order(replace(ORDER, values=()))
    old.put_channel(1, ChannelAddress("other", 1, "secret"))
    old.forget_orders(9)
    assert store.order(ORDER.attempt) == ORDER
    with pytest.raises(NoSuchObject):
        store.channel(1)


def test_a_store_knows_its_run(store: JobStore, place: MemoryPlace) -> None:
    assert JobStore(MemoryStorage(place), "test:store", appends=False).open() == store.open()
    with pytest.raises(StoreExists):
        store.create()
    store.destroy()
    with pytest.raises(NoSuchStore):
        store.open()


def test_a_store_whose_making_was_cut_short_says_how_to_remove_it() -> None:
    storage = MemoryStorage(MemoryPlace())
    storage.create()
    with pytest.raises(NoSuchStore, match="toil clean test:store"):
        JobStore(storage, "test:store", appends=False).open()


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (b'{"format": 2, "run": "r"}', StoreFormatError, "pip install --upgrade toil-core"),
        (b'{"format": 0, "run": "r"}', StoreFormatError, "the version that began it"),
        (b"{", StoreDamaged, '"format" of test:store'),
        (b"[]", StoreDamaged, '"format" of test:store'),
        (b"\xff", StoreDamaged, '"format" of test:store'),
    ],
)
def test_a_store_of_another_format_is_told_from_a_damaged_one(
    store: JobStore, content: bytes, error: type[Exception], told: str
) -> None:
    store.storage.put("format", content)
    with pytest.raises(error, match=told):
        store.open()


def test_orders_and_outcomes_come_back_as_they_were_until_they_are_forgotten(store: JobStore) -> None:
    store.put_order(ORDER)
    store.put_outcome(OUTCOME)
    assert store.order(ORDER.attempt) == ORDER
    assert store.outcome(OUTCOME.job, OUTCOME.attempt) == OUTCOME
    assert list(store.outcomes()) == [OUTCOME]
    store.forget_attempts([OUTCOME])
    assert store.outcome(OUTCOME.job, OUTCOME.attempt) is None
    with pytest.raises(NoSuchObject):
        store.order(ORDER.attempt)


def test_the_first_outcome_of_an_attempt_counts(store: JobStore) -> None:
    store.put_outcome(OUTCOME)
    store.put_outcome(Outcome(OUTCOME.job, OUTCOME.attempt, Payload("other")))
    assert store.outcome(OUTCOME.job, OUTCOME.attempt) == OUTCOME


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'{"job": "a"}'])
def test_a_damaged_order_or_outcome_is_named(store: JobStore, content: bytes) -> None:
    store.storage.put(f"orders/{store.run()}/1.1", content)
    store.storage.put(f"results/{store.run()}/a/1.1", content)
    with pytest.raises(StoreDamaged, match=r"orders/.*/1\.1 in test:store"):
        store.order(AttemptId("1.1"))
    with pytest.raises(StoreDamaged, match=r"results/.*/a/1\.1 in test:store"):
        store.outcome(JobId("a"), AttemptId("1.1"))


def test_garbage_is_what_was_found_and_nobody_keeps(store: JobStore) -> None:
    for key in ("files/1.1/a", "files/1.1/b", "packs/w", "results/a/1.1"):
        store.storage.put(key, b"")
    found = store.contents()
    store.storage.put("files/2.1/new", b"")
    assert store.collect_garbage(found, {"files/1.1/a"}) == 2
    assert store.contents() == {"files/1.1/a", "files/2.1/new"}
    assert sorted(store.storage.list("results/")) == ["results/a/1.1"]


def test_orders_of_earlier_leaders_are_forgotten(store: JobStore) -> None:
    for attempt in ("1.1", "2.5", "3.1", "10.1"):
        store.put_order(replace(ORDER, attempt=AttemptId(attempt)))
    store.forget_orders(3)
    assert sorted(key.rpartition("/")[2] for key in store.storage.list("orders/")) == ["10.1", "3.1"]


def test_the_newest_leader_that_sent_code_says_which(store: JobStore) -> None:
    assert store.deployment() == ""
    for epoch in (2, 10, 9):
        store.put_deployment(epoch, f"code/{epoch}")
    assert store.deployment() == "code/10"
