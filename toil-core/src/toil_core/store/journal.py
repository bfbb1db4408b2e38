"""The journal: a run's truth as a sequence of immutable segments, and snapshots that replace them.

A segment ``journal/<n>`` holds one batch of records and is put with ``if_absent``, so there is
exactly one n-th segment whoever tries. A leader that takes a run over reads to the end, then puts
its ``Lead`` record as the next segment; the leader before it finds that number taken at its next
commit, and stops (``Fenced``). ``snapshots/<n>`` holds the state after segment ``n``; segments up
to ``n`` are removed then, except those that begin with a ``Lead``: a leader that was fenced off may
still be asleep before that very number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toil_core.errors import Fenced, NoSuchObject, ObjectExists, StoreDamaged
from toil_core.model.record import Lead, Record
from toil_core.model.wire import WireError, decode_record, encode_record
from toil_core.store.job_store import JobStore
from toil_core.store.sealed import seal, unseal


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
        storage = self._store.storage
        segments = sorted(int(key.rpartition("/")[2]) for key in storage.list("journal/"))
        snapshots = sorted(int(key.rpartition("/")[2]) for key in storage.list("snapshots/"))
        start = snapshots[-1] if snapshots else 0
        lines: tuple[str, ...] = ()
        if snapshots:
            key = _snapshot_key(start)
            lines = tuple(unseal("snapshot", start, self._store.read(key), self._name(key)))
        records: list[Record] = []
        self._present = set(segments)
        self._fences = {number for number in segments if number <= start}
        self._next = start + 1
        last = max(segments, default=0)
        while self._next <= last:
            found = self._segment(self._next)
            if found and isinstance(found[0], Lead):
                self._fences.add(self._next)
            records += found
            self._next += 1
        return History(lines, tuple(records), self._next)

    def last_lead(self) -> Lead | None:
        """The newest ``Lead`` among the segments that a snapshot has replaced, once ``read`` was called."""
        fences = [number for number in self._fences if number <= self._next]
        record = self._segment(max(fences))[0] if fences else None
        return record if isinstance(record, Lead) else None

    def take(self, lead: Lead, *more: Record) -> list[Record]:
        """Become the run's leader: put ``lead``, and ``more`` behind it, as the next segment.

        Returns the records that others wrote since ``read``; if there are any, nothing was put, and
        the caller tries again with them taken in.
        """
        try:
            self._put([encode_record(record) for record in (lead, *more)])
        except Fenced:
            found = self._segment(self._next)
            self._next += 1
            return found
        self._fences.add(self._next - 1)
        return []

    def commit(self, lines: Sequence[str]) -> None:
        """Put encoded records as the next segment; durable when this returns.

        Raises ``Fenced`` if another leader has taken the run, or what the storage raises.
        """
        self._put(lines)

    def write_snapshot(self, lines: Sequence[str]) -> None:
        """Keep the state after the last segment, and let what it replaces go."""
        number = self._next - 1
        self._store.storage.put(_snapshot_key(number), seal("snapshot", number, lines))
        gone = [n for n in self._present if n <= number and n not in self._fences]
        self._store.storage.delete([_segment_key(n) for n in gone])
        self._present.difference_update(gone)
        older = [key for key in self._store.storage.list("snapshots/") if key != _snapshot_key(number)]
        self._store.storage.delete(older)
        self.bytes_since_snapshot = 0

    def _put(self, lines: Sequence[str]) -> None:
        content = seal("segment", self._next, lines)
        key = _segment_key(self._next)
        try:
            self._store.storage.put(key, content, if_absent=True)
        except ObjectExists as error:
            # A retried request may have found what its own first try had written.
            if self._store.read(key) != content:
                raise Fenced(
                    f"Another leader has taken over the run in {self._store.locator}",
                    "This one has stopped; nothing is lost",
                ) from error
        self._present.add(self._next)
        self._next += 1
        self.bytes_since_snapshot += len(content)

    def _segment(self, number: int) -> list[Record]:
        key = _segment_key(number)
        try:
            content = self._store.read(key)
        except NoSuchObject as error:
            raise StoreDamaged(
                f"{self._name(key)} is missing",
                "Everything before it is intact. Restore this object from a backup, or start the run anew",
            ) from error
        try:
            return [decode_record(line) for line in unseal("segment", number, content, self._name(key))]
        except WireError as error:
            raise StoreDamaged(f"{self._name(key)} is damaged: {error}") from error

    def _name(self, key: str) -> str:
        return f"{key} in {self._store.locator}"


def _segment_key(number: int) -> str:
    return f"journal/{number:012d}"


def _snapshot_key(number: int) -> str:
    return f"snapshots/{number:012d}"
