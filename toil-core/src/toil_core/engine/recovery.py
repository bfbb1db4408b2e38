"""Taking over a run: reading its journal to the end and becoming its leader."""

from __future__ import annotations

import os
import socket
import time

from toil_core.engine.policy import Policy
from toil_core.engine.snapshots import restore_state
from toil_core.engine.state import State
from toil_core.model.ids import RunId
from toil_core.model.record import Lead
from toil_core.store.journal import History, Journal, Overtaken
from toil_core.system.processes import start_time


def replayed(history: History, policy: Policy) -> State:
    """The state that a journal tells."""
    state = State(policy)
    if history.snapshot:
        restore_state(state, history.snapshot)
    for record in history.records:
        state.replay(record)
    return state


def take_over(journal: Journal, run: RunId, policy: Policy) -> State:
    """Read the journal and fence off whoever led before. Raises ``StoreDamaged`` and what storage raises.

    An earlier leader that is still alive may commit while we read; its records are taken in, and
    the fence is tried at the next number, until it is ours.
    """
    while True:
        state = replayed(journal.read(), policy)
        try:
            _catch_up(journal, run, state)
        except Overtaken:
            continue
        return state


def _catch_up(journal: Journal, run: RunId, state: State) -> None:
    while True:
        lead = this_leader(run, state.epoch + 1)
        newer = journal.take(lead)
        if not newer:
            state.replay(lead)
            return
        for record in newer:
            state.replay(record)


def this_leader(run: RunId, epoch: int) -> Lead:
    """The record by which this process takes a run."""
    pid = os.getpid()
    return Lead(run, epoch, socket.gethostname(), pid, start_time(pid), time.time())
