"""A workflow of 60 jobs with every kind of edge and process, and its leader: ``workload STORE WORK SIDE [--restart]``.

Each body first writes its job and attempt to the side file, outside the store. Values depend on
nothing but the graph, so that every run that comes to its end prints the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toil_core.api.job import FileAccess, JobContext
from toil_core.api.language import Program
from toil_core.engine.policy import Policy
from toil_core.engine.session import Hooks, Session
from toil_core.engine.settings import Clean, RunSettings
from toil_core.errors import ToilError
from toil_core.model.description import Edge, EdgeKind, Isolation, JobDescription, Placement
from toil_core.model.event import Event, EventKind
from toil_core.model.file import FileRef
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload
from toil_core.model.requirements import Requirements
from toil_core.model.wire import decode, encode
from toil_core.plugins.manager import PluginManager

SPLITS = int(os.environ.get("CHAOS_SPLITS", "18"))
MERGES = 4
SMALL = Requirements(cores=0.1, memory=32 * 1024**2, disk=1024**2)


def note(context: JobContext) -> None:
    """Tell the test that this attempt's body has begun."""
    side = os.open(os.environ["CHAOS_SIDE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(side, f"{context.job.id} {context.attempt} {os.getpid()}\n".encode())
    os.close(side)


def new_job(name: JobId, body: str, payload: object, *edges: Edge, leader: bool = False) -> JobDescription:
    return JobDescription(
        name,
        body,
        f"workload:{body}",
        Payload(text=json.dumps(payload)),
        SMALL,
        edges,
        Placement.LEADER if leader else Placement.BATCH,
        Isolation.RESIDENT if leader else Isolation.SHARED if body == "work" else Isolation.FORK,
        retries=2,
    )


def reads(*jobs: JobId) -> tuple[Edge, ...]:
    return tuple(Edge(EdgeKind.DATA, job) for job in jobs)


def begin(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Make the graph: its value is that of the last job."""
    note(context)
    child = Edge(EdgeKind.CHILD, context.job.id)
    checks = []
    for number in range(SPLITS):
        split = new_job(context.new_id(), "split", number, child)
        check = new_job(context.new_id(), "check", str(split.id), child, *reads(split.id), leader=True)
        context.add(split)
        context.add(check)
        checks.append(check.id)
    merges = [new_job(context.new_id(), "merge", k, child, *reads(*checks[k::MERGES])) for k in range(MERGES)]
    last = new_job(
        context.new_id(), "merge", "last", Edge(EdgeKind.FOLLOW_ON, context.job.id), *reads(*(one.id for one in merges))
    )
    for one in (*merges, last):
        context.add(one)
    context.needs(last.id)
    return json.dumps(last.id)


def split(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Store a small file and a large one, and promise what a new job finds in them."""
    note(context)
    number = int(payload)
    content = str(number).encode() * (100 if number % 2 else 200_000)
    path = context.work_dir / "content"
    path.write_bytes(content)
    ref = context.files.write(path)
    work = new_job(context.new_id(), "work", encode(ref), Edge(EdgeKind.CHILD, context.job.id))
    context.add(work)
    context.needs(work.id)
    return json.dumps(work.id)


def work(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Read a file; every third one is not wanted any more afterwards."""
    note(context)
    ref: FileRef = decode(FileRef, json.loads(payload))
    with context.files.open(ref) as stream:
        content = stream.read()
    context.files.write_bytes(b"of no use")
    if content[:1] in b"369":
        context.files.delete(ref)
    return json.dumps(hashlib.sha256(content).hexdigest())


def check(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Follow a promise."""
    note(context)
    promised = json.loads(values[JobId(json.loads(payload))])
    return json.dumps([values[promised]])


def merge(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Put lists together."""
    note(context)
    read = [edge.job for edge in context.job.edges if edge.kind is EdgeKind.DATA]
    return json.dumps(sorted(one for job in read for one in json.loads(values[job])))


class Workload(Program):
    """The graph above."""

    @property
    def name(self) -> str:
        """A name."""
        return "workload"

    def jobs(self, files: FileAccess) -> Sequence[JobDescription]:
        """The first job."""
        return [new_job(JobId("root"), "begin", None)]

    def conclude(self, value: str, values: Mapping[JobId, str], files: FileAccess) -> Any:
        """The last job's list."""
        return json.loads(values[json.loads(value)])


def observe(event: Event) -> None:
    """Tell of what failed."""
    if event.kind in (EventKind.ATTEMPT_FAILED, EventKind.JOB_FAILED):
        print(f"{event.kind.value} {event.job} {event.attempt}: {event.text}", file=sys.stderr)


def main(plugins: PluginManager | None = None, batch_system: str = "single_machine") -> int:
    """Lead."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("work", type=Path)
    parser.add_argument("--restart", action="store_true")
    options = parser.parse_args()
    settings = RunSettings(
        locator=f"file:{options.store}",
        work_dir=options.work,
        restart=options.restart,
        clean=Clean.NEVER,
        batch_system=batch_system,
        policy=Policy(retries=2),
    )
    try:
        result = Session(plugins or PluginManager.load(), settings, Hooks(observe, lambda stop: None)).run(Workload())
    except ToilError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
