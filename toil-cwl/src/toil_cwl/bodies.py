"""The bodies of CWL jobs (``api.job.JobBody``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from toil_core.api.job import JobContext, JobFailure
from toil_core.errors import UsageError
from toil_core.model.description import Edge, EdgeKind
from toil_core.model.ids import JobId
from toil_cwl import door, resources
from toil_cwl.graph import Place, add_workflow, glue, payload_of, process_job, step_name
from toil_cwl.links import linked
from toil_cwl.registry import Loaded, loaded, process_at, short, step_named
from toil_cwl.scatter import gathered, scattered
from toil_cwl.reuse import reused
from toil_cwl.staging import Staging
from toil_cwl.values import Object, Value, outputs_of, promise

_SKIPPED = None


def expand(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """A workflow whose inputs are known becomes the jobs of its steps."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    inputs = order["inputs"]
    if not order.get("prepared"):
        workflow = process_at(known.document.root, place.path)
        inputs = _prepared(workflow, inputs, context, known)
    collect = add_workflow(context, place, inputs)
    context.needs(collect)
    return promise(collect)


def start_step(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """A step that scatters, has a condition, or runs what only its inputs tell, becomes jobs."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    workflow = process_at(known.document.root, place.path[:-1])
    step = step_named(workflow, place.path[-1])
    inputs = _linked_inputs(step, order, values)
    outputs = [short(str(one["id"])) for one in step.tool["outputs"]]
    if "scatter" not in step.tool:
        element = _element(step, workflow, inputs, context, known)
        if element is _SKIPPED:
            return json.dumps(dict.fromkeys(outputs))
        job = _add_process(context, place, element, known, "")
        context.needs(job)
        return promise(job)
    added: list[JobId] = []

    def leaf(scattered_inputs: Object) -> Value:
        element = _element(step, workflow, scattered_inputs, context, known)
        if element is _SKIPPED:
            return None
        added.append(_add_process(context, place, element, known, f"[{len(added)}]"))
        return added[-1]

    scatter = step.tool["scatter"]
    keys = [scatter] if isinstance(scatter, str) else list(scatter)
    tree = scattered(inputs, keys, step.tool.get("scatterMethod"), leaf)
    text = json.dumps({"tree": tree, "outputs": outputs})
    if not added:
        return gather(context, text, {})
    edges = tuple(Edge(EdgeKind.DATA, job) for job in added)
    job = context.new_id()
    context.add(glue(job, f"{'/'.join(place.path)} gather", "gather", context.payload(text), edges))
    context.needs(job)
    return promise(job)


def gather(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The results of scattered jobs become arrays."""
    order = json.loads(payload)

    def find(job: str | None) -> Mapping[str, Value]:
        return {} if job is None else outputs_of(job, values)

    return json.dumps(gathered(order["tree"], order["outputs"], find))


def collect(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The outputs of steps become those of their workflow."""
    order = json.loads(payload)
    place = _place(order)
    workflow = process_at(loaded(place.key, context.files).document.root, place.path)
    lookup = _lookup(order, values)
    return json.dumps({short(str(one["id"])): linked(one, "outputSource", lookup) for one in workflow.tool["outputs"]})


def run_process(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Run a tool on inputs that are known, or on those its step is wired to."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    process = process_at(known.document.root, place.path)
    inputs = order.get("inputs")
    if inputs is None:
        workflow = process_at(known.document.root, place.path[:-1])
        step = step_named(workflow, place.path[-1])
        inputs = _element(step, workflow, _linked_inputs(step, order, values), context, known)

    def run() -> Value:
        staging = Staging(context.files, context.work_dir)
        local = staging.localized(inputs)
        staging.allow(door.declared_locations(process))
        outputs = door.run_tool(process, local, context, known.options)
        return staging.stored(outputs, context.work_dir / "out")

    return reused(process, inputs, context, known, run)


def _place(order: Mapping[str, Any]) -> Place:
    return Place(order["doc"], tuple(order["path"]))


def _lookup(order: Mapping[str, Any], values: Mapping[JobId, str]) -> Any:
    read: dict[str, Object] = {}

    def lookup(source: str) -> Value:
        if source in order["given"]:
            return order["given"][source]
        job, output = order["made"][source]
        if job not in read:
            read[job] = outputs_of(job, values)
        return read[job].get(output)

    return lookup


def _linked_inputs(step: door.Step, order: Mapping[str, Any], values: Mapping[JobId, str]) -> Object:
    lookup = _lookup(order, values)
    return {str(one["id"]): linked(one, "source", lookup) for one in step.tool["inputs"]}


def _element(
    step: door.Step, workflow: door.Process, inputs: Object, context: JobContext, known: Loaded
) -> Object | None:
    """The inputs of the step's process once ``valueFrom`` and ``when`` are evaluated; ``None``: skipped."""
    parameters = {str(one["id"]): one for one in step.tool["inputs"]}
    for name, one in parameters.items():
        if one.get("loadContents"):
            _load_contents(inputs[name], context)
    before = {short(name): value for name, value in inputs.items()}
    after = {
        name: (
            door.evaluate(parameters[name]["valueFrom"], before, value, workflow, known.options)
            if "valueFrom" in parameters[name]
            else value
        )
        for name, value in inputs.items()
    }
    if "when" in step.tool:
        shown = {short(name): value for name, value in after.items()}
        wanted = door.evaluate(step.tool["when"], shown, None, workflow, known.options)
        if wanted is False:
            return _SKIPPED
        if wanted is not True:
            raise JobFailure(f"the condition {step.tool['when']!r} is {wanted!r}, neither true nor false")
    return {short(name): value for name, value in after.items() if not parameters[name].get("not_connected")}


def _load_contents(value: Value, context: JobContext) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and one.get("contents") is None and "location" in one:
            one["contents"] = door.read_contents(one["location"], context.files)


def _add_process(context: JobContext, place: Place, inputs: Object, known: Loaded, suffix: str) -> JobId:
    process = process_at(known.document.root, place.path)
    job = context.new_id()
    name = step_name(place, process) + suffix
    payload = context.payload(payload_of(place, inputs=inputs))
    if door.process_class(process) == "Workflow":
        context.add(glue(job, name, "expand", payload))
        return job
    if resources.is_dynamic(process):
        local = Staging(context.files, context.work_dir).localized(inputs)
        needs = resources.evaluated_requirements(process, local, context.files, known.options)
    else:
        needs = resources.static_requirements(process, known.options)
    context.add(process_job(job, name, place, payload, process, needs))
    return job


def _prepared(workflow: door.Process, inputs: Object, context: JobContext, known: Loaded) -> Object:
    try:
        return door.prepared_inputs(workflow, inputs, context.files, known.options, top=False)
    except UsageError as error:
        raise JobFailure(str(error)) from error
