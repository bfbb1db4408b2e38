"""Processes as jobs.

A tool run is one job of the batch system. Everything else (a workflow's expansion, scatter, gather,
conditions, expressions) is bookkeeping that runs beside the leader. All edges are DATA edges: a step
starts when its inputs exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toil_core.api.job import JobContext
from toil_core.model.description import Edge, EdgeKind, Isolation, JobDescription, Placement
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload
from toil_core.model.requirements import Requirements
from toil_cwl import door, resources
from toil_cwl.links import sources_of
from toil_cwl.registry import Loaded, loaded, process_at, short
from toil_cwl.updates import Updates
from toil_cwl.values import Object, Value

_BODIES = "toil_cwl.bodies"

COMPOSITE = {"Workflow": "expand", "ProcessGenerator": "generate"}
"""Processes that become other jobs, by class: the body that adds those."""


@dataclass(frozen=True, slots=True)
class Place:
    """A process in a document: the document's key, and the steps' names from the root down to it."""

    key: str
    path: tuple[str, ...]

    def inside(self, step: str) -> Place:
        """The process that a step of this one runs."""
        return Place(self.key, (*self.path, step))


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where values come from: ``given`` by source, and ``made`` by other jobs: job and output by source."""

    given: Mapping[str, Value]
    made: Mapping[str, tuple[str, str]]

    def of(self, parameters: Sequence[Mapping[str, Any]], field: str) -> Wiring:
        """What some parameters need of this."""
        sources = [source for parameter in parameters for source in sources_of(parameter, field)]
        return Wiring(
            {source: self.given[source] for source in sources if source in self.given},
            {source: self.made[source] for source in sources if source in self.made},
        )

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What a job that needs these values waits for."""
        return tuple(Edge(EdgeKind.DATA, JobId(job)) for job in dict.fromkeys(job for job, _ in self.made.values()))


def glue(job: JobId, name: str, function: str, payload: Payload, edges: tuple[Edge, ...] = ()) -> JobDescription:
    """A bookkeeping job. A failure of it is nothing that another try could mend."""
    return JobDescription(
        job,
        name,
        f"{_BODIES}:{function}",
        payload,
        Requirements(cores=0, memory=0, disk=0, enforce_memory=False),
        edges,
        Placement.LEADER,
        Isolation.RESIDENT,
        retries=0,
    )


def process_job(
    job: JobId,
    name: str,
    place: Place,
    payload: Payload,
    process: door.Process,
    needs: Requirements,
    edges: tuple[Edge, ...] = (),
) -> JobDescription:
    """The job that runs a tool, or evaluates an expression tool."""
    if door.process_class(process) != "CommandLineTool":
        return glue(job, name, "run_process", payload, edges)
    return JobDescription(
        job, name, f"{_BODIES}:run_process", payload, needs, edges, Placement.BATCH, Isolation.RESIDENT
    )


def payload_of(place: Place, **more: Value) -> str:
    """A body's payload: which process, and what it is to work on."""
    if not more.get("updates"):
        more.pop("updates", None)
    return json.dumps({"doc": place.key, "path": place.path, **more}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Expansion:
    """The jobs of a workflow: the one whose value is its output object, and those of its steps by name."""

    collect: JobId
    steps: Mapping[str, JobId]


def add_workflow(context: JobContext, place: Place, inputs: Object, updates: Updates) -> Expansion:
    """Add the jobs of a workflow whose inputs are known.

    ``updates`` are those that its inputs have had, for what follows it.
    """
    known = loaded(place.key, context.files)
    workflow = process_at(known.document.root, place.path)
    steps = {short(str(step.tool["id"])): step for step in door.steps(workflow)}
    ids = {name: context.new_id() for name in steps}
    given = {str(one["id"]): inputs.get(short(str(one["id"]))) for one in workflow.tool["inputs"]}
    made = {
        str(output["id"]): (str(ids[name]), short(str(output["id"])))
        for name, step in steps.items()
        for output in step.tool["outputs"]
    }
    everything = Wiring(given, made)
    for name, step in steps.items():
        wiring = everything.of(step.tool["inputs"], "source")
        context.add(_step_job(context, ids[name], place.inside(name), step, wiring, known))
    collect = context.new_id()
    wiring = everything.of(workflow.tool["outputs"], "outputSource")
    text = payload_of(place, given=wiring.given, made=wiring.made, updates=updates)
    name = f"{step_name(place, workflow)} outputs"
    context.add(glue(collect, name, "collect", context.payload(text), wiring.edges))
    return Expansion(collect, ids)


def step_name(place: Place, process: door.Process) -> str:
    """What people call a process of a run."""
    return "/".join(place.path) or short(str(process.tool["id"])).removesuffix(".cwl").rpartition("/")[2] or "main"


def _step_job(
    context: JobContext, job: JobId, place: Place, step: door.Step, wiring: Wiring, known: Loaded
) -> JobDescription:
    process = door.step_tool(step)
    payload = context.payload(payload_of(place, given=wiring.given, made=wiring.made))
    name = step_name(place, process)
    is_plain = "scatter" not in step.tool and "when" not in step.tool and door.process_class(process) not in COMPOSITE
    if is_plain and not resources.is_dynamic(process):
        needs = resources.static_requirements(process, known.options)
        return process_job(job, name, place, payload, process, needs, wiring.edges)
    return glue(job, name, "start_step", payload, wiring.edges)
