"""Group commit: what happened while the last segment was written goes into the next one.

A thread of its own writes the journal, so that the leader never waits for a disk or a service. The
leader acts on a fact before it is durable: a crash in between costs running attempts only, because
whatever they left is not accepted by anyone. People and observers are told after it is durable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from toil_core.errors import InternalError, ToilError
from toil_core.model.event import Event
from toil_core.model.outcome import Outcome
from toil_core.store.job_store import JobStore
from toil_core.store.journal import Journal

GATHER_SECONDS = 0.02
"""How long a commit waits for company when nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Durable:
    """These things are durable now, and may be told."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The journal could not be written; the leader must stop."""

    error: ToilError


@dataclass(slots=True)
class _Batch:
    lines: list[str] = field(default_factory=list)
    packs: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    detached: list[Outcome] = field(default_factory=list)

    @property
    def holds_something(self) -> bool:
        return bool(self.lines or self.events)


class Committer:
    """Writes records in the background, in the order in which they were given. Used by one thread."""

    def __init__(self, store: JobStore, journal: Journal, tell: Callable[[Durable | CommitFailed], None]) -> None:
        self._store = store
        self._journal = journal
        self._tell = tell
        self._changed = threading.Condition()
        self._batch = _Batch()
        self._is_writing = False
        self._is_urgent = False
        self._is_closed = False
        self._failed: ToilError | None = None
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def add(
        self,
        lines: Iterable[str],
        events: Iterable[Event] = (),
        packs: Iterable[str] = (),
        detached: Outcome | None = None,
    ) -> None:
        """Have records written soon. ``packs`` are made durable before them; ``events`` are told after
        them and after earlier ones; the objects of a ``detached`` attempt are removed after them."""
        with self._changed:
            self._batch.lines += lines
            self._batch.events += events
            self._batch.packs.update(packs)
            if detached is not None:
                self._batch.detached.append(detached)
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until everything added so far is durable. Raises what the journal raised."""
        with self._changed:
            self._is_urgent = True
            self._changed.notify_all()
            while (self._batch.holds_something or self._is_writing) and self._failed is None:
                self._changed.wait()
            self._is_urgent = False
            if self._failed is not None:
                raise self._failed

    def close(self) -> None:
        """Stop without writing what was not flushed. May be called twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._batch.holds_something or self._is_closed)
                if self._is_closed:
                    return
                self._changed.wait_for(lambda: self._is_urgent or self._is_closed, timeout=GATHER_SECONDS)
                batch, self._batch = self._batch, _Batch()
                self._is_writing = True
            error: ToilError | None = InternalError("the thread that writes the journal has died")
            try:
                error = self._write(batch)
            finally:  # nobody may wait for a thread that is gone
                with self._changed:
                    self._is_writing = False
                    self._failed = error
                    self._changed.notify_all()
                    if error is not None:
                        self._tell(CommitFailed(error))
            if error is not None:
                return
            self._tell(Durable(tuple(batch.events)))

    def _write(self, batch: _Batch) -> ToilError | None:
        try:
            if batch.packs:
                self._store.storage.sync(batch.packs)
            if batch.lines:
                self._journal.commit(batch.lines)
            if batch.detached:
                self._store.forget_attempts(batch.detached)
        except ToilError as error:
            return error
        return None
