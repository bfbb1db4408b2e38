"""What jobs leave in their values of how they came to them, if the run keeps provenance, and finding it again.

Beside outputs, or beside the promise of them, stands ``@run``: that the value is the result of a process. A step
that becomes several runs leaves ``@runs``: their jobs. (docs/decisions/0010-provenance.md)
"""

from __future__ import annotations

import json
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from toil_core.model.ids import JobId
from toil_cwl import door
from toil_cwl.graph import Place
from toil_cwl.process_run import ProcessRun
from toil_cwl.registry import Loaded, short
from toil_cwl.values import RUN, RUNS, Object, outputs_of, promised


@dataclass(frozen=True, slots=True)
class RootRun:
    """What ran as a whole, and the key of its document in the job store (``registry.loaded``)."""

    key: str
    run: ProcessRun


def tool_record(
    known: Loaded, place: Place, process: door.Process, inputs: Object, started: float, images: Sequence[str]
) -> Object:
    """What a tool adds to its value: nothing if the run keeps no provenance. ``images``: of what was run for it."""
    if known.options.provenance is None:
        return {}
    given = {short(str(one["id"])): inputs.get(short(str(one["id"]))) for one in process.tool["inputs"]}
    more = {
        "inputs": door.with_defaults(process, given),
        "started": started,
        "ended": time.time(),
        "image": "".join(images),
        "reused": not images,
    }
    return {RUN: {**_document(place), **more}}


def workflow_record(known: Loaded, place: Place, inputs: Object, started: float, steps: Mapping[str, JobId]) -> Object:
    """What the expansion of a workflow adds to its value."""
    if known.options.provenance is None:
        return {}
    return {RUN: {**_document(place), "inputs": inputs, "started": started, "steps": steps}}


def other_runs(known: Loaded, jobs: Sequence[JobId]) -> Object:
    """What a job adds to its value that leads to further runs than that whose outputs it promises, if any."""
    return {} if known.options.provenance is None else {RUNS: jobs}


def root_run(job: JobId, name: str, values: Mapping[JobId, str]) -> RootRun | None:
    """What ran as a whole; ``None`` if the run was started without keeping provenance."""
    found = list(_runs_of(job, values))
    if not found:
        return None
    last = found[-1]  # before it, there may be the tool that made it
    return RootRun(last[1]["doc"], _read(name, *last, values))


def _document(place: Place) -> Object:
    return {} if place.path else {"doc": place.key}


def _runs_of(job: str, values: Mapping[JobId, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The jobs below this one that are runs of a process, in order, each with what it left."""
    todo = [job]
    while todo:
        following = todo.pop()
        value = json.loads(values[JobId(following)])
        if RUN in value:
            yield following, value[RUN]
        else:
            todo += reversed([*value.get(RUNS, ()), *promised(value)])


def _read(name: str, job: str, left: Mapping[str, Any], values: Mapping[JobId, str]) -> ProcessRun:
    outputs = outputs_of(job, values)
    if "steps" not in left:
        image, is_reused = left["image"], left["reused"]
        return ProcessRun(name, left["inputs"], outputs, left["started"], left["ended"], image, is_reused)
    steps: dict[str, ProcessRun] = {}
    for step, first in left["steps"].items():
        for number, run in enumerate(_runs_of(first, values), 1):
            unique = _free(step, number, steps)
            steps[unique] = _read(unique, *run, values)
    ended = max((one.ended for one in steps.values()), default=left["started"])
    return ProcessRun(
        name, left["inputs"], outputs, left["started"], ended, "", False, tuple(left["steps"]), tuple(steps.values())
    )


def _free(name: str, number: int, taken: Container[str]) -> str:
    """The name of a step's run of that number, as the reference runner counts: ``name``, ``name_2``."""
    names = (name if one == 1 else f"{name}_{one}" for one in count(number))
    return next(one for one in names if one not in taken)
