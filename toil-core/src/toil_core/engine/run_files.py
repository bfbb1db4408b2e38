"""The files of a run, whoever made them: what its journal, and attempts that it does not know yet, tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from toil_core.engine.policy import Policy
from toil_core.engine.recovery import replayed
from toil_core.engine.state import State
from toil_core.errors import NoSuchObject, StoreDamaged
from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import JobId
from toil_core.model.outcome import Outcome
from toil_core.model.record import JobsAdded, OutcomeAccepted, Record
from toil_core.store.job_store import JobStore
from toil_core.store.journal import History, Journal

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file, and the job that made it; ``job`` and ``job_name`` are empty for what the run began with."""

    ref: FileRef
    job: str = ""
    job_name: str = ""

    @property
    def id(self) -> str:
        """What the file is asked for by: the key of its object, and where it begins if others share that."""
        return self.ref.key if self.ref.offset is None else f"{self.ref.key}@{self.ref.offset}"


def run_files(store: JobStore) -> tuple[Sequence[RunFile], StoreDamaged | None]:
    """All files of a run that are still wanted, and what is wrong with its journal, which is read as far as
    it is intact. What jobs hand to each other as values is left out.

    Of what is older than the journal's last snapshot the object is known and the job, and no name; many small
    files that share an object are then one. Of what a damaged journal does not tell, the object alone is.
    Raises ``NoSuchStore``, and what the storage raises.
    """
    store.open()
    history, damage = Journal(store).read_intact()
    state = replayed(history, Policy())
    waiting = [outcome for outcome in store.outcomes() if state.wants(outcome)]
    told = [*_told(history.records, state), *(found for outcome in waiting for found in _of_outcome(outcome, state))]
    deleted = {_place(ref) for outcome in _outcomes(history.records) for ref in outcome.deleted}
    kept = state.kept_objects() | {found.ref.key for outcome in waiting for found in _of_outcome(outcome, state)}
    if damage is not None:
        kept |= store.contents()
    known = {found.id: found for found in told if found.ref.key in kept and _place(found.ref) not in deleted}
    return [*_untold(store, history, kept - {found.ref.key for found in told}), *known.values()], damage


def _told(records: Iterable[Record], state: State) -> Iterator[RunFile]:
    for record in records:
        if isinstance(record, JobsAdded):
            values = _payloads(record.jobs)
            yield from (RunFile(ref) for ref in record.files if ref not in values)
        elif isinstance(record, OutcomeAccepted):
            yield from _of_outcome(record.outcome, state)


def _of_outcome(outcome: Outcome, state: State) -> Iterator[RunFile]:
    node = state.jobs.get(outcome.job)
    name = "" if node is None else node.description.name
    values = _payloads(outcome.jobs)
    if outcome.value is not None and outcome.value.file is not None:
        values.add(outcome.value.file)
    logs = () if outcome.log.file is None else (outcome.log.file,)
    for ref in (*outcome.files, *logs):
        if ref not in values and not ref.is_by_reference:
            yield RunFile(ref, outcome.job, name)


def _payloads(jobs: Iterable[JobDescription]) -> set[FileRef]:
    return {job.payload.file for job in jobs if job.payload.file is not None}


def _outcomes(records: Iterable[Record]) -> Iterator[Outcome]:
    return (record.outcome for record in records if isinstance(record, OutcomeAccepted))


def _place(ref: FileRef) -> tuple[str, int | None]:
    return ref.key, ref.offset


def _untold(store: JobStore, history: History, keys: set[str]) -> Iterator[RunFile]:
    """Objects that only a snapshot speaks of."""
    if not keys:
        return
    makers: dict[str, tuple[JobId, str]] = {}
    for job, node in replayed(History(history.snapshot, (), 0), Policy()).jobs.items():
        makers.update(dict.fromkeys(node.files, (job, node.description.name)))

    def look(key: str) -> RunFile | None:
        try:
            return RunFile(FileRef(key, store.storage.size(key)), *makers.get(key, ("", "")))
        except NoSuchObject:  # deleted meanwhile
            return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from (found for found in pool.map(look, sorted(keys)) if found is not None)
