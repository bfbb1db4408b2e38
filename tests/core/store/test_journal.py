"""One leader at a time, whatever sleeps, and every damage found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from toil_core.engine.policy import Policy
from toil_core.engine.recovery import take_over
from toil_core.errors import Fenced, ObjectExists, StorageError, StoreDamaged
from toil_core.local.file_storage import FileStorage
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId, RunId
from toil_core.model.outcome import Failure, FailureKind
from toil_core.model.record import JobFailed, JobsAdded, Lead, Record
from toil_core.model.wire import encode_record
from toil_core.store.job_store import JobStore
from toil_core.store.journal import Journal, Overtaken
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage
from toil_core.testing.power_loss import PowerLossFileSystem, PowerLost


def lead(epoch: int) -> Lead:
    return Lead(RunId("run"), epoch, "host", 100 + epoch)


def fact(number: int) -> Record:
    return JobFailed(JobId(str(number)), Failure(FailureKind.ERROR, "no"))


def line(number: int) -> str:
    return encode_record(fact(number))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> JobStore:
    storage = MemoryStorage(MemoryPlace()) if request.param == "memory" else FileStorage(str(tmp_path / "store"))
    found = JobStore(storage, "test:store", appends=request.param == "file")
    found.create()
    return found


@pytest.fixture
def memory() -> JobStore:
    found = JobStore(MemoryStorage(MemoryPlace()), "test:store", appends=False)
    found.create()
    return found


def leading(store: JobStore, epoch: int = 1) -> Journal:
    journal = Journal(store)
    journal.read()
    assert journal.take(lead(epoch)) == []
    return journal


def numbers(store: JobStore, prefix: str) -> list[int]:
    return sorted(int(key.removeprefix(prefix)) for key in store.storage.list(prefix))


def test_what_was_committed_is_read_in_order(store: JobStore) -> None:
    journal = leading(store)
    journal.commit([line(1), line(2)])
    journal.commit([line(3)])
    history = Journal(store).read()
    assert history.records == (lead(1), fact(1), fact(2), fact(3))
    assert history.next_number == 4


def test_a_leader_whose_run_was_taken_is_fenced_at_its_next_commit(store: JobStore) -> None:
    first = leading(store)
    first.commit([line(1)])
    second = leading(store, 2)
    with pytest.raises(Fenced, match="Another leader has taken over the run in test:store"):
        first.commit([line(2)])
    second.commit([line(3)])
    assert Journal(store).read().records == (lead(1), fact(1), lead(2), fact(3))


def test_what_the_old_leader_wrote_while_the_new_one_read_is_taken_in(store: JobStore) -> None:
    first = leading(store)
    second = Journal(store)
    second.read()
    first.commit([line(1)])
    first.commit([line(2)])
    assert second.take(lead(2)) == [fact(1)]
    assert second.take(lead(2)) == [fact(2)]
    assert second.take(lead(2)) == []
    with pytest.raises(Fenced):
        first.commit([line(3)])


def test_two_that_take_over_at_once_get_epochs_of_their_own(store: JobStore) -> None:
    leading(store)
    others = [Journal(store), Journal(store)]
    for other in others:
        other.read()
    assert others[0].take(lead(2)) == []
    assert others[1].take(Lead(RunId("run"), 2, "elsewhere", 9)) == [lead(2)]
    assert others[1].take(Lead(RunId("run"), 3, "elsewhere", 9)) == []
    with pytest.raises(Fenced):
        others[0].commit([line(1)])


def test_an_old_leader_is_fenced_even_after_a_snapshot_has_removed_segments(store: JobStore) -> None:
    first = leading(store)
    first.commit([line(1)])
    second = leading(store, 2)
    for number in range(5):
        second.commit([line(number)])
    second.write_snapshot(["state"])
    assert numbers(store, "journal/") == [1, 3]
    with pytest.raises(Fenced):
        first.commit([line(2)])
    third = leading(store, 3)
    third.commit([line(9)])
    third.write_snapshot(["newer"])
    assert numbers(store, "journal/") == [1, 3, 9]
    assert numbers(store, "snapshots/") == [10]
    assert Journal(store).read().snapshot == ("newer",)


def test_one_that_slept_while_taking_over_finds_that_its_number_was_replaced_by_a_snapshot(store: JobStore) -> None:
    first = leading(store)
    sleeper = Journal(store)
    sleeper.read()
    first.commit([line(1)])
    first.commit([line(2)])
    first.write_snapshot(["state"])
    with pytest.raises(Overtaken):
        sleeper.take(lead(2))
    first.commit([line(3)])
    history = Journal(store).read()
    assert (history.snapshot, history.records) == (("state",), (fact(3),))
    sleeper.read()
    assert sleeper.take(lead(2)) == []
    with pytest.raises(Fenced):
        first.commit([line(4)])


def test_an_old_leader_that_wakes_before_its_snapshot_removes_nothing_newer(store: JobStore) -> None:
    first = leading(store)
    first.commit([line(1)])
    second = leading(store, 2)
    second.commit([line(2)])
    second.write_snapshot(["newer"])
    first.write_snapshot(["older"])
    second.commit([line(3)])
    history = Journal(store).read()
    assert (history.snapshot, history.records) == (("newer",), (fact(3),))


def test_a_snapshot_whose_clearing_up_was_cut_short_is_cleared_up_by_the_next_one(memory: JobStore) -> None:
    journal = leading(memory)
    journal.commit([line(1)])
    content = memory.read("journal/000000000002")
    journal.write_snapshot(["state"])
    memory.storage.put("journal/000000000002", content)  # as if the crash had come before it went
    second = leading(memory, 2)
    reader = Journal(memory)
    reader.read()
    assert reader.last_lead() is None or reader.last_lead() == lead(2)
    second.write_snapshot(["more"])
    assert numbers(memory, "journal/") == [1, 3]


def test_the_last_leader_is_known_when_its_segment_was_replaced_by_a_snapshot(store: JobStore) -> None:
    journal = leading(store, 7)
    journal.commit([line(1)])
    journal.write_snapshot(["state"])
    reader = Journal(store)
    assert reader.read().records == ()
    assert reader.last_lead() == lead(7)


class RetryingStorage(MemoryStorage):
    """A service that answers with an error after it has done what was asked; the client tries again."""

    def put(self, key: str, content: object, *, if_absent: bool = False) -> None:
        super().put(key, content, if_absent=if_absent)  # type: ignore[arg-type]
        super().put(key, content, if_absent=if_absent)  # type: ignore[arg-type]


def test_a_retried_put_that_finds_its_own_segment_is_no_fence() -> None:
    place = MemoryPlace()
    JobStore(MemoryStorage(place), "test:store", appends=False).create()
    store = JobStore(RetryingStorage(place), "test:store", appends=False)
    journal = Journal(store)
    journal.read()
    assert journal.take(lead(1)) == []
    journal.commit([line(1)])
    assert Journal(store).read().records == (lead(1), fact(1))


class RacingStorage(MemoryStorage):
    """Something happens on another machine between listing the segments and reading them."""

    def __init__(self, place: MemoryPlace, happen: list[Callable[[], None]]) -> None:
        super().__init__(place)
        self.happen = happen

    def list(self, prefix: str) -> Iterator[str]:
        found = list(super().list(prefix))
        if prefix == "snapshots/" and self.happen:
            self.happen.pop()()
        yield from found


def test_reading_while_a_leader_makes_a_snapshot_is_no_damage() -> None:
    place = MemoryPlace()
    store = JobStore(MemoryStorage(place), "test:store", appends=False)
    store.create()
    journal = leading(store)
    journal.commit([line(1)])
    racing = RacingStorage(place, [lambda: journal.write_snapshot(["state"])])
    history = Journal(JobStore(racing, "test:store", appends=False)).read()
    assert (history.snapshot, history.records) == (("state",), ())


def three_segments(store: JobStore) -> None:
    journal = leading(store)
    journal.commit([line(1), line(2)])
    journal.commit([line(3)])


def damage_of(store: JobStore) -> StoreDamaged:
    history, damage = Journal(store).read_intact()
    assert history.records == (lead(1),)
    assert history.next_number == 2
    assert damage is not None
    assert "journal/000000000002 in test:store" in damage.message
    with pytest.raises(StoreDamaged, match="journal/000000000002"):
        Journal(store).read()
    return damage


def test_a_segment_cut_at_any_byte_is_found_and_what_is_before_it_can_be_read(memory: JobStore) -> None:
    three_segments(memory)
    key = "journal/000000000002"
    content = memory.read(key)
    for length in range(len(content)):
        memory.storage.put(key, content[:length])
        damage_of(memory)


def test_a_flipped_bit_is_found_wherever_it_is(memory: JobStore) -> None:
    three_segments(memory)
    key = "journal/000000000002"
    content = memory.read(key)
    for position in range(len(content)):
        for bit in (0, 5, 7):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            memory.storage.put(key, bytes(changed))
            damage_of(memory)


def test_a_missing_segment_is_found(memory: JobStore) -> None:
    three_segments(memory)
    memory.storage.delete(["journal/000000000002"])
    assert "missing" in damage_of(memory).message


def test_a_segment_under_the_name_of_another_is_found(memory: JobStore) -> None:
    three_segments(memory)
    memory.storage.put("journal/000000000002", memory.read("journal/000000000003"))
    damage_of(memory)


def test_a_damaged_snapshot_is_named(memory: JobStore) -> None:
    journal = leading(memory)
    journal.write_snapshot(["state"])
    memory.storage.put("snapshots/000000000001", b"toil")
    with pytest.raises(StoreDamaged, match="snapshots/000000000001 in test:store is damaged"):
        Journal(memory).read()


def another_run_at(memory: JobStore) -> JobStore:
    """Removes the store, and makes that of another run in its place, as another process does."""
    other = JobStore(memory.storage, "test:store", appends=False)
    other.destroy()
    other.create()
    return other


def test_leader_of_a_run_that_is_gone_gives_nothing_to_the_next_run_at_its_place(memory: JobStore) -> None:
    gone = leading(memory)
    other = another_run_at(memory)
    journal = leading(other)
    gone.commit([line(7)])
    with pytest.raises(Fenced):
        journal.commit([line(1)])
    with pytest.raises(StoreDamaged, match="journal/000000000002 in test:store is not this run's") as caught:
        Journal(other).read()
    assert "remove" in caught.value.cure


def test_leader_of_a_run_that_is_gone_removes_nothing_of_the_next_run(memory: JobStore) -> None:
    gone = leading(memory)
    gone.commit([line(7)])
    other = another_run_at(memory)
    journal = leading(other)
    journal.commit([line(1)])
    with pytest.raises(Fenced):
        gone.write_snapshot(["of the run before"])
    other.storage.put("files/1.1/a", b"content")
    assert memory.collect_garbage({"files/1.1/a"}, set()) == 0
    memory.destroy()
    assert other.read("files/1.1/a") == b"content"
    assert Journal(other).read().records == (lead(1), fact(1))


def test_journal_that_was_sealed_without_a_run_is_read(memory: JobStore) -> None:
    leading(memory).commit([line(1)])
    for key in list(memory.storage.list("journal/")):
        header, newline, body = memory.read(key).partition(b"\n")
        memory.storage.put(key, header.rpartition(b" ")[0] + newline + body)
    assert Journal(memory).read().records == (lead(1), fact(1))


def test_an_object_that_is_none_of_ours_is_named(memory: JobStore) -> None:
    memory.storage.put("journal/notes.txt", b"")
    with pytest.raises(StoreDamaged, match=r"journal/notes\.txt"):
        Journal(memory).read()


def test_taking_over_reads_again_when_it_was_overtaken(memory: JobStore) -> None:
    journal = leading(memory)
    journal.commit([encode_record(JobsAdded((JobDescription(JobId("a"), "a", "m:f"),)))])
    state = take_over(Journal(memory), RunId("run"), Policy())
    assert state.epoch == 2
    assert list(state.jobs) == ["a"]
    with pytest.raises(Fenced):
        journal.commit([line(1)])


@pytest.mark.parametrize("seed", range(12))
def test_no_committed_record_is_lost_and_no_half_segment_is_read_when_the_power_goes(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    filesystem = PowerLossFileSystem(tmp_path)
    store = JobStore(FileStorage(str(tmp_path / "store"), None, filesystem), "test:store", appends=True)
    store.create()
    committed: list[Record] = []
    for epoch in range(1, 6):
        filesystem.lose_power_after(chance.randrange(3, 120))
        trying: list[Record] = []
        try:
            journal = Journal(store)
            journal.read()
            trying = [lead(epoch)]
            assert journal.take(lead(epoch)) == []
            committed += trying
            for number in range(20):
                trying = [fact(number), fact(number + 1)]
                journal.commit([encode_record(record) for record in trying])
                committed += trying
            trying = []
        except (PowerLost, StorageError):
            pass
        filesystem.crash(chance.randrange(1000))
        store = JobStore(FileStorage(str(tmp_path / "store"), None, filesystem), "test:store", appends=True)
        store.open()
        found = list(Journal(store).read().records)
        assert found in (committed, committed + trying)
        committed = found


def test_the_storage_refuses_a_second_segment_of_a_number(store: JobStore) -> None:
    three_segments(store)
    with pytest.raises(ObjectExists):
        store.storage.put("journal/000000000003", b"other", if_absent=True)
