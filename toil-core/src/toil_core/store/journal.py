"""The journal: a run's truth as a sequence of immutable segments, and snapshots that replace them.

A segment ``journal/<n>`` holds one batch of records and is put with ``if_absent``, so there is
exactly one n-th segment whoever tries. A leader that takes a run over reads to the end, then puts
its ``Lead`` record as the next segment; the leader before it finds that number taken at its next
commit, and stops (``Fenced``). ``snapshots/<n>`` holds the state after segment ``n``; segments up
to ``n`` are removed then, except those that begin with a ``Lead``: a leader that was fenced off may
still be asleep before that very number. One that wants to take over may be asleep before a number
that has gone: having put its ``Lead`` there, it finds a snapshot of that number or a later one, and
reads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toil_core.errors import Fenced, NoSuchObject, ObjectExists, StoreDamaged
from toil_core.model.record import Lead, Record
from toil_core.model.wire import WireError, decode_record, encode_record
from toil_core.store.job_store import JobStore
from toil_core.store.sealed import seal, unseal

DIGITS = 12


class Overtaken(Exception):
    """What was to be read next has been replaced by a snapshot meanwhile: read again from the beginning."""


@dataclass(frozen=True, slots=True)
class History:
    """What a journal holds: the newest snapshot's lines (empty if there is none), then records."""

    snapshot: tuple[str, ...]
    records: tuple[Record, ...]
    next_number: int


class Journal:
    """The journal of one run, read to its end, then written by one leader from one thread."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._next = 1
        self._fences: set[int] = set()
        self._present: set[int] = set()
        self.bytes_since_snapshot = 0

    def read(self) -> History:
        """All there is. Raises ``StoreDamaged`` naming the first object that is missing or not whole."""
        history, damage = self.read_intact()
        if damage is not None:
            raise damage
        return history

    def read_intact(self) -> tuple[History, StoreDamaged | None]:
        """All there is before the first object that is missing or not whole, and what is wrong with that.

        A leader may be at work meanwhile. What is damaged is only to be looked at, never to be led.
        """
        while True:
            try:
                return self._read_once()
            except Overtaken:
                continue

    def last_lead(self) -> Lead | None:
        """The newest ``Lead`` among the segments that a snapshot has replaced, once ``read`` was called."""
        for number in sorted(self._fences, reverse=True):
            lead = self._lead_at(number)
            if lead is not None:
                return lead
        return None

    def take(self, lead: Lead, *more: Record) -> list[Record]:
        """Become the run's leader: put ``lead``, and ``more`` behind it, as the next segment.

        Returns the records that others wrote since ``read``; if there are any, nothing was put, and
        the caller tries again with them taken in. Raises ``Overtaken`` if they are gone already.
        """
        number = self._next
        try:
            self._put([encode_record(record) for record in (lead, *more)])
        except Fenced:
            found = self._segment(number)
            self._next += 1
            return found
        if self._newest_snapshot() >= number:
            # Another leader had written this number and let it go: nobody would notice our fence here.
            self._store.storage.delete([_segment_key(number)])
            raise Overtaken
        self._fences.add(number)
        return []

    def commit(self, lines: Sequence[str]) -> None:
        """Put encoded records as the next segment; durable when this returns.

        Raises ``Fenced`` if another leader has taken the run, or what the storage raises.
        """
        self._put(lines)

    def is_taken(self) -> bool:
        """Whether another leader has put the segment that would be the next one here."""
        return self._content(_segment_key(self._next)) is not None

    def write_snapshot(self, lines: Sequence[str]) -> None:
        """Keep the state after the last segment, and let what it replaces go. Raises ``Fenced`` if the store is
        that of another run by now."""
        number = self._next - 1
        if self._store.is_replaced():
            raise fenced(self._store.locator)
        self._store.storage.put(_snapshot_key(number), seal("snapshot", number, lines, self._store.run()))
        gone = [n for n in self._present if n <= number and n not in self._fences]
        self._store.storage.delete([_segment_key(n) for n in gone])
        self._present.difference_update(gone)
        # Newer ones are those of a leader that has taken over since.
        self._store.storage.delete([_snapshot_key(n) for n in self._numbers("snapshots/") if n < number])
        self.bytes_since_snapshot = 0

    def _put(self, lines: Sequence[str]) -> None:
        content = seal("segment", self._next, lines, self._store.run())
        key = _segment_key(self._next)
        try:
            self._store.storage.put(key, content, if_absent=True)
        except ObjectExists as error:
            # A retried request may have found what its own first try had written.
            if self._content(key) != content:
                raise fenced(self._store.locator) from error
        self._present.add(self._next)
        self._next += 1
        self.bytes_since_snapshot += len(content)

    def _read_once(self) -> tuple[History, StoreDamaged | None]:
        self._next, self._fences, self._present = 1, set(), set()
        try:
            segments = self._numbers("journal/")
            start = self._newest_snapshot()
            lines = self._snapshot(start) if start else ()
        except StoreDamaged as damage:
            return History((), (), 1), damage
        self._present = set(segments)
        self._fences = {number for number in segments if number <= start and self._is_fence(number)}
        self._next = start + 1
        last = max(segments, default=0)
        records: list[Record] = []
        while self._next <= last:
            try:
                found = self._segment(self._next)
            except StoreDamaged as damage:
                return History(lines, tuple(records), self._next), damage
            if found and isinstance(found[0], Lead):
                self._fences.add(self._next)
            records += found
            self._next += 1
        return History(lines, tuple(records), self._next), None

    def _snapshot(self, number: int) -> tuple[str, ...]:
        key = _snapshot_key(number)
        content = self._content(key)
        if content is None:
            raise self._missing(key, number)
        return tuple(unseal("snapshot", number, content, self._name(key), self._store.run()))

    def _segment(self, number: int) -> list[Record]:
        key = _segment_key(number)
        content = self._content(key)
        if content is None:
            raise self._missing(key, number - 1)
        try:
            lines = unseal("segment", number, content, self._name(key), self._store.run())
            return [decode_record(line) for line in lines]
        except WireError as error:
            raise StoreDamaged(f"{self._name(key)} is damaged: {error}") from error

    def _missing(self, key: str, read_so_far: int) -> StoreDamaged | Overtaken:
        if self._newest_snapshot() > read_so_far:
            return Overtaken()
        return StoreDamaged(
            f"{self._name(key)} is missing",
            "Everything before it is intact. Restore this object from a backup, or start the run anew",
        )

    def _is_fence(self, number: int) -> bool:
        """Whether a segment that a snapshot has replaced must stay; what cannot be read does no harm."""
        try:
            return self._lead_at(number) is not None
        except StoreDamaged:
            return True

    def _lead_at(self, number: int) -> Lead | None:
        content = self._content(_segment_key(number))
        if content is None:
            return None
        first = unseal("segment", number, content, self._name(_segment_key(number)), self._store.run())[0]
        record = decode_record(first)
        return record if isinstance(record, Lead) else None

    def _content(self, key: str) -> bytes | None:
        try:
            return self._store.read(key)
        except NoSuchObject:
            return None

    def _newest_snapshot(self) -> int:
        return max(self._numbers("snapshots/"), default=0)

    def _numbers(self, prefix: str) -> list[int]:
        """The numbers of a kind of object, in order. Raises ``StoreDamaged`` for a key that is none of ours."""
        numbers = []
        for key in self._store.storage.list(prefix):
            digits = key.removeprefix(prefix)
            if len(digits) != DIGITS or not digits.isdecimal():
                raise StoreDamaged(f"{self._name(key)} is not one of the run's objects", "Remove it")
            numbers.append(int(digits))
        return sorted(numbers)

    def _name(self, key: str) -> str:
        return f"{key} in {self._store.locator}"


def fenced(locator: str) -> Fenced:
    """What a leader is told whose run another one has taken."""
    return Fenced(f"Another leader has taken over the run in {locator}", "This one has stopped; nothing is lost")


def _segment_key(number: int) -> str:
    return f"journal/{number:0{DIGITS}d}"


def _snapshot_key(number: int) -> str:
    return f"snapshots/{number:0{DIGITS}d}"
