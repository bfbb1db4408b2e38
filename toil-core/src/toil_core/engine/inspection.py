"""Looking at a run without leading it."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass

from toil_core.engine.node import DONE, FAILED, PHASE_NAMES, RAN, is_glue
from toil_core.engine.policy import Policy
from toil_core.engine.recovery import replayed
from toil_core.engine.state import State
from toil_core.errors import StoreDamaged, UsageError
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.model.record import AttemptIssued, Lead, OutcomeAccepted, Record, RunEnded
from toil_core.store.job_store import JobStore
from toil_core.store.journal import Journal
from toil_core.system.processes import start_time


@dataclass(frozen=True, slots=True)
class Inspection:
    """A run as its journal tells: the state, who led it last, and the jobs that the batch system has.
    With ``damage`` it is what the journal told before the object that is damaged."""

    state: State
    lead: Lead
    issued: frozenset[JobId] = frozenset()
    damage: StoreDamaged | None = None

    @property
    def leader_is_here(self) -> bool:
        """Whether the last leader ran, or runs, on this machine."""
        return self.lead.host == socket.gethostname()

    @property
    def leader_is_alive(self) -> bool | None:
        """Whether the last leader still runs; ``None`` if it ran elsewhere and nobody here can tell."""
        if not self.leader_is_here:
            return None
        return bool(self.lead.started) and start_time(self.lead.pid) == self.lead.started

    @property
    def standing(self) -> str:
        """The run in a word: ``finished``, ``failed``, ``running`` or ``stopped``."""
        if self.state.ended is not None:
            return "finished" if self.state.ended else "failed"
        return "stopped" if self.leader_is_alive is False else "running"


def inspect(store: JobStore) -> Inspection:
    """Read a run's journal, as far as it is intact. Raises ``NoSuchStore``, and what the storage raises."""
    run = store.open()
    journal = Journal(store)
    history, damage = journal.read_intact()
    leads = [record for record in history.records if isinstance(record, Lead)]
    lead = leads[-1] if leads else journal.last_lead() or Lead(run, 0)
    return Inspection(replayed(history, Policy()), lead, _issued(history.records), damage)


def _issued(records: Iterable[Record]) -> frozenset[JobId]:
    issued: set[JobId] = set()
    for record in records:
        if isinstance(record, AttemptIssued):
            issued.add(record.job)
        elif isinstance(record, OutcomeAccepted):
            issued.discard(record.outcome.job)
        elif isinstance(record, (Lead, RunEnded)):
            issued.clear()
    return frozenset(issued)


def counts(found: Inspection) -> dict[str, int]:
    """Jobs by standing, bookkeeping jobs left out. ``reused`` ones of those that are ``done`` took the
    result of earlier work; ``issued`` ones are with the batch system, which runs them as there is
    room; ``ready`` ones are not there yet."""
    numbers = dict.fromkeys(("done", "reused", "failed", "issued", "ready", "waiting"), 0)
    issued = found.issued if found.standing == "running" else frozenset()
    for node in found.state.jobs.values():
        if is_glue(node.description):
            continue
        if RAN <= node.phase <= DONE:
            numbers["done"] += 1
            numbers["reused"] += node.is_reused
        elif node.phase == FAILED:
            numbers["failed"] += 1
        elif node.description.id in issued:
            numbers["issued"] += 1
        else:
            numbers["waiting" if node.blockers else "ready"] += 1
    return numbers


def find_job(state: State, wanted: str) -> JobDescription:
    """The job with that id, or the one with that name; of several, one that failed comes first.

    Raises ``UsageError`` if there is none, or several and none of them failed.
    """
    if wanted in state.jobs:
        return state.jobs[next(job for job in state.jobs if job == wanted)].description
    named = [node for node in state.jobs.values() if node.description.name == wanted]
    failed = [node for node in named if node.phase == FAILED]
    if failed or len(named) == 1:
        return (failed or named)[0].description
    if named:
        ids = ", ".join(f"{node.description.id} ({PHASE_NAMES[node.phase]})" for node in named[:5])
        raise UsageError(f'{len(named)} jobs are named "{wanted}", and none failed: {ids}', "Name one by its id")
    names = sorted({state.jobs[job].description.name for job in state.failures})
    cure = f"Failed jobs: {', '.join(names[:5])}" if names else "No job of this run failed"
    raise UsageError(f'The run has no job "{wanted}"', cure)
