"""The state machine alone: ``python -m benchmarks.state_machine [JOBS] [NODES]``.

A simulated cluster takes attempts in the order of issue, runs each for a random time, and returns
outcomes. The graph is a workflow's: samples side by side, in each a scatter and a gather that reads
the scattered values.
"""

from __future__ import annotations

import heapq
import os
import random
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toil_core.engine.actions import Action, End, Issue
from toil_core.engine.policy import Policy
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import JobId, RunId
from toil_core.model.outcome import Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobsAdded, Lead, OutcomeAccepted

WIDTH = 98
"""Scattered jobs of a sample; with the sample itself and its gather they are 100."""

VALUE = Payload(text="null")


@dataclass(frozen=True)
class Result:
    """What a simulated run cost."""

    jobs: int
    transitions: int
    transition_seconds: float
    bytes_per_job: float


def resident_bytes() -> int:
    """This process's resident memory."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def made_by(job: JobDescription, attempt: str, samples: int) -> Iterator[JobDescription]:
    """The new jobs in the outcome of a root or of a sample."""
    if job.name == "root":
        for k in range(samples):
            yield JobDescription(JobId(f"{attempt}-{k}"), "sample", "b:f", edges=(Edge(EdgeKind.CHILD, job.id),))
    elif job.name == "sample":
        scattered = [JobId(f"{attempt}-{k}") for k in range(WIDTH)]
        for one in scattered:
            yield JobDescription(one, "scattered", "b:f", edges=(Edge(EdgeKind.CHILD, job.id),))
        edges = (Edge(EdgeKind.CHILD, job.id), *(Edge(EdgeKind.DATA, one) for one in scattered))
        yield JobDescription(JobId(f"{attempt}-{WIDTH}"), "gather", "b:f", edges=edges)


def simulate(jobs: int, nodes: int, seed: int = 1) -> Result:
    """Run a workflow of about so many jobs on so many nodes, one attempt a node at a time."""
    chance = random.Random(seed)
    samples = max(1, jobs // (WIDTH + 2))
    waiting: deque[Issue] = deque()
    running: list[tuple[float, int, Issue]] = []
    before, now, spent, transitions, started = resident_bytes(), 0.0, 0.0, 0, 0
    state = State(Policy())
    state.replay(Lead(RunId("simulated"), 1))
    first = JobsAdded((JobDescription(JobId("root"), "root", "b:f"),))
    has_ended = take(state.apply(first), waiting)
    while not has_ended:
        while waiting and len(running) < nodes:
            started += 1
            heapq.heappush(running, (now + chance.expovariate(1.0), started, waiting.popleft()))
        now, _, issue = heapq.heappop(running)
        new = tuple(made_by(issue.job, issue.attempt, samples))
        record = OutcomeAccepted(Outcome(issue.job.id, issue.attempt, value=VALUE, jobs=new))
        begun = time.perf_counter()
        actions = state.apply(record)
        spent += time.perf_counter() - begun
        transitions += 1
        has_ended = take(actions, waiting)
    return Result(len(state.jobs), transitions, spent, (resident_bytes() - before) / len(state.jobs))


def take(actions: Iterable[Action], waiting: deque[Issue]) -> bool:
    """Queue what is issued; whether the run has ended."""
    has_ended = False
    for action in actions:
        if isinstance(action, Issue):
            waiting.append(action)
        elif isinstance(action, End):
            has_ended = True
    return has_ended


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    result = simulate(*(arguments or [1_000_000, 20_000]))
    print(f"{result.jobs} jobs, {result.transitions} transitions")
    print(f"{1e6 * result.transition_seconds / result.transitions:.1f} µs a transition")
    print(f"{result.bytes_per_job:.0f} bytes a job, with all that the simulator holds")
