"""The state machine alone: ``python -m benchmarks.state_machine [JOBS] [NODES]``.

A million jobs on 20,000 simulated nodes by default, without a clock, a disk or a thread.

A root makes groups of jobs; each group scatters, gathers and ends with a follow-on, so that every
kind of edge is there, and jobs are added while the run goes on. A heap of virtual times says which
attempt ends next. Prints one JSON object: microseconds a transition (a record applied, with its
share of actions) and resident bytes a job at the end, values and descriptions included.
"""

from __future__ import annotations

import argparse
import gc
import heapq
import json
import random
import sys
import time
from collections import deque
from pathlib import Path

from toil_core.engine.actions import Cancel, End, Issue
from toil_core.engine.policy import Policy
from toil_core.engine.state import State
from toil_core.model.description import Edge, EdgeKind, JobDescription
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.record import JobsAdded, Lead, OutcomeAccepted
from toil_core.model.requirements import Requirements

GROUP = 100
REQUIREMENTS = Requirements(cores=1, memory=10**9)


def group_of(maker: JobId, attempt: AttemptId, count: int) -> tuple[JobDescription, ...]:
    """What a group's job makes: a scatter, a gather that reads it all, and a follow-on."""
    child = (Edge(EdgeKind.CHILD, maker),)
    scattered = tuple(_job(f"{attempt}-{k}", "scatter", child) for k in range(count - 2))
    reads = tuple(Edge(EdgeKind.DATA, job.id) for job in scattered)
    gather = _job(f"{attempt}-{count - 2}", "gather", (*child, *reads))
    last = _job(f"{attempt}-{count - 1}", "tidy", (Edge(EdgeKind.FOLLOW_ON, maker),))
    return (*scattered, gather, last)


def _job(name: str, kind: str, edges: tuple[Edge, ...]) -> JobDescription:
    return JobDescription(JobId(name), kind, "module:function", Payload(f"argument of {name}"), REQUIREMENTS, edges)


class Cluster:
    """Nodes that hold one attempt each, and an endless queue before them."""

    def __init__(self, nodes: int, chance: random.Random) -> None:
        self._free = nodes
        self._chance = chance
        self._queue: deque[Issue] = deque()
        self._running: list[tuple[float, int, Issue]] = []
        self._cancelled: set[AttemptId] = set()
        self._now = 0.0
        self._count = 0

    def issue(self, issue: Issue) -> None:
        """Take an attempt."""
        self._queue.append(issue)

    def cancel(self, attempt: AttemptId) -> None:
        """Let an attempt end unheard."""
        self._cancelled.add(attempt)

    def next_end(self) -> Issue:
        """The attempt that ends next."""
        while True:
            while self._free and self._queue:
                self._free -= 1
                self._count += 1
                end = self._now + self._chance.expovariate(1)
                heapq.heappush(self._running, (end, self._count, self._queue.popleft()))
            self._now, _, issue = heapq.heappop(self._running)
            self._free += 1
            if issue.attempt not in self._cancelled:
                return issue


def resident_bytes() -> int:
    """What this process occupies in memory now, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def simulate(jobs: int, nodes: int, failing: float, seed: int) -> dict[str, float]:
    """Run the simulation; its measures by name."""
    chance = random.Random(seed)
    groups = max(1, (jobs - 1) // (GROUP + 1))
    root = JobId("root")
    gc.collect()
    before = resident_bytes()
    state = State(Policy(retries=20))
    state.replay(Lead(RunId("simulated"), 1))
    cluster = Cluster(nodes, chance)
    actions = state.apply(JobsAdded((_job(root, "root", ()),)))
    transitions, spent, ended = 1, 0.0, None
    while ended is None:
        for action in actions:
            if isinstance(action, Issue):
                cluster.issue(action)
            elif isinstance(action, Cancel):
                cluster.cancel(action.attempt)
            elif isinstance(action, End):
                ended = action
        if ended is not None:
            break
        issue = cluster.next_end()
        record = OutcomeAccepted(_outcome(issue, groups, chance.random() < failing))
        begin = time.perf_counter()
        actions = state.apply(record)
        spent += time.perf_counter() - begin
        transitions += 1
    gc.collect()
    used = resident_bytes() - before
    if not ended.succeeded:
        raise SystemExit("the simulated run did not succeed")
    return {
        "jobs": len(state.jobs),
        "nodes": nodes,
        "transitions": transitions,
        "us_per_transition": round(spent / transitions * 1e6, 2),
        "us_per_job": round(spent / len(state.jobs) * 1e6, 2),
        "bytes_per_job": round(used / len(state.jobs)),
    }


def _outcome(issue: Issue, groups: int, fails: bool) -> Outcome:
    job, attempt = issue.job, issue.attempt
    if fails:
        return Outcome(job.id, attempt, failure=Failure(FailureKind.ERROR, "simulated"))
    made: tuple[JobDescription, ...] = ()
    if job.name == "root":
        made = tuple(_job(f"{attempt}-{k}", "group", (Edge(EdgeKind.CHILD, job.id),)) for k in range(groups))
    elif job.name == "group":
        made = group_of(job.id, attempt, GROUP)
    return Outcome(job.id, attempt, Payload(f"value of {job.id}"), jobs=made)


def main(arguments: list[str] | None = None) -> int:
    """Parse, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", type=int, nargs="?", default=1_000_000)
    parser.add_argument("nodes", type=int, nargs="?", default=20_000)
    parser.add_argument("--failing", type=float, default=0.02, help="share of attempts that fail")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(json.dumps(simulate(options.jobs, options.nodes, options.failing, options.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
