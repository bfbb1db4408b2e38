"""The bodies of CWL jobs (``api.job.JobBody``)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from toil_core.api.job import JobContext, JobFailure
from toil_core.errors import UsageError
from toil_core.model.description import Edge, EdgeKind
from toil_core.model.ids import JobId
from toil_core.model.outcome import FailureKind
from toil_cwl import door, resources
from toil_cwl.generated import generated
from toil_cwl.graph import COMPOSITE, Place, add_workflow, glue, payload_of, process_job, step_name
from toil_cwl.links import linked
from toil_cwl.loops import keeps_all, next_inputs
from toil_cwl.records import other_runs, tool_record, workflow_record
from toil_cwl.registry import GENERATOR, Loaded, loaded, process_at, short, step_named
from toil_cwl.reuse import reused
from toil_cwl.scatter import gathered, scattered
from toil_cwl.staging import Staging
from toil_cwl.updates import Updates, updated, updates_of, with_updates
from toil_cwl.values import Object, Value, item_and_rest, outputs_of, promise
from toil_cwl.wired import Wired

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
    started = time.time()
    expansion = add_workflow(context, place, inputs, order.get("updates", {}))
    context.needs(expansion.collect)
    return promise(expansion.collect, **workflow_record(known, place, inputs, started, expansion.steps))


def generate(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """A process whose tool makes the process that is then run (``cwltool:ProcessGenerator``)."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    inputs = order["inputs"]
    if not order.get("prepared"):
        inputs = _prepared(process_at(known.document.root, place.path), inputs, context, known)
    updates = order.get("updates", {})
    job = _add_process(context, place.inside(GENERATOR), inputs, known, "", updates)
    following = context.new_id()
    text = context.payload(payload_of(place, inputs=inputs, job=job, updates=updates))
    context.add(glue(following, "generated process", "run_generated", text, (Edge(EdgeKind.DATA, job),)))
    context.needs(following)
    return promise(following, **other_runs(known, [job]))


def run_generated(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The process that a generator's tool made is known: it becomes a job."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    made = process_at(known.document.root, (*place.path, GENERATOR))
    key, inputs = generated(made, outputs_of(order["job"], values), order["inputs"], context, known)
    process = Place(key, ())
    job = _add_process(context, process, inputs, loaded(key, context.files), "", order.get("updates", {}))
    context.needs(job)
    return promise(job)


def start_step(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """A step that scatters, has a condition, or runs what only its inputs tell, becomes jobs."""
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    workflow = process_at(known.document.root, place.path[:-1])
    step = step_named(workflow, place.path[-1])
    wired = Wired(order, values)
    inputs = wired.inputs(step)
    outputs = [short(str(one["id"])) for one in step.tool["outputs"]]
    if step.tool.get("loop"):
        evaluated = _evaluated(step, workflow, inputs, context, known)
        first = _iterate(context, place, step, evaluated, known, 0, wired.updates)
        if first is None:
            return json.dumps({name: [] if keeps_all(step) else None for name in outputs})
        context.needs(first)
        return promise(first)
    if "scatter" not in step.tool:
        element = _element(step, workflow, inputs, context, known)
        if element is _SKIPPED:
            return json.dumps(dict.fromkeys(outputs))
        job = _add_process(context, place, element, known, "", wired.updates)
        context.needs(job)
        return promise(job)
    added: list[JobId] = []

    def leaf(scattered_inputs: Object) -> Value:
        element = _element(step, workflow, scattered_inputs, context, known)
        if element is _SKIPPED:
            return None
        added.append(_add_process(context, place, element, known, f"[{len(added)}]", wired.updates))
        return added[-1]

    scatter = step.tool["scatter"]
    keys = [scatter] if isinstance(scatter, str) else list(scatter)
    tree = scattered(inputs, keys, step.tool.get("scatterMethod"), leaf)
    text = json.dumps({"tree": tree, "outputs": outputs, "updates": wired.updates})
    if not added:
        return gather(context, text, {})
    edges = tuple(Edge(EdgeKind.DATA, job) for job in added)
    job = context.new_id()
    context.add(glue(job, f"{'/'.join(place.path)} gather", "gather", context.payload(text), edges))
    context.needs(job)
    return promise(job, **other_runs(known, added))


def gather(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The results of scattered jobs become arrays."""
    order = json.loads(payload)
    read: list[Object] = []

    def find(job: str | None) -> Mapping[str, Value]:
        if job is None:
            return {}
        read.append(outputs_of(job, values))
        return read[-1]

    outputs = gathered(order["tree"], order["outputs"], find)
    return json.dumps(with_updates(outputs, {**order["updates"], **updates_of(read)}))


def continue_loop(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """An iteration of a step is done: its outputs make the inputs of the next one, if there is to be one.

    The value is that of the iterations from this one on: all of them, or the last one.
    """
    order = json.loads(payload)
    place = _place(order)
    known = loaded(place.key, context.files)
    step = step_named(process_at(known.document.root, place.path[:-1]), place.path[-1])
    job = JobId(order["job"])
    outputs = outputs_of(job, values)
    updates = updates_of([outputs])
    inputs = updated(next_inputs(step, order["inputs"], outputs, known.options), updates)
    following = _iterate(context, place, step, inputs, known, order["count"] + 1, updates)
    if following is not None:
        context.needs(following)
    if keeps_all(step):
        context.needs(job)
        return item_and_rest(job, following)
    if following is None:
        context.needs(job)
        return promise(job)
    return promise(following, **other_runs(known, [job]))


def _iterate(
    context: JobContext, place: Place, step: door.Step, inputs: Object, known: Loaded, count: int, updates: Updates
) -> JobId | None:
    """Add an iteration of a step, and the job that goes on when it is done: that job; ``None`` if the
    condition does not hold. (CWL Workflow v1.3, WorkflowStep: ``loop``)"""
    if not _is_wanted(step, inputs, step, known):
        return None
    limit = known.options.cwl_loop_iteration_limit
    if 0 < limit <= count:
        message = f"the loop is not done after {limit} iterations, which is what --cwl-loop-iteration-limit allows"
        raise JobFailure(message, FailureKind.PERMANENT)
    job = _add_process(context, place, _connected(step, inputs), known, f"[{count}]", updates)
    following = context.new_id()
    text = payload_of(place, inputs=inputs, job=job, count=count)
    name = f"{'/'.join(place.path)} loop"
    context.add(glue(following, name, "continue_loop", context.payload(text), (Edge(EdgeKind.DATA, job),)))
    return following


def collect(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The outputs of steps become those of their workflow."""
    order = json.loads(payload)
    place = _place(order)
    workflow = process_at(loaded(place.key, context.files).document.root, place.path)
    wired = Wired(order, values)
    outputs = {short(str(one["id"])): linked(one, "outputSource", wired.value) for one in workflow.tool["outputs"]}
    return json.dumps(with_updates(outputs, wired.updates))


def run_process(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Run a tool on inputs that are known, or on those its step is wired to."""
    order = json.loads(payload)
    place = _place(order)
    started = time.time()
    known = loaded(place.key, context.files)
    process = process_at(known.document.root, place.path)
    wired = Wired(order, values)
    inputs = order.get("inputs")
    if inputs is None:
        workflow = process_at(known.document.root, place.path[:-1])
        step = step_named(workflow, place.path[-1])
        inputs = _element(step, workflow, wired.inputs(step), context, known)

    images: list[str] = []  # none: nothing was run

    def run() -> Object:
        staging = Staging(context.files, context.work_dir)
        local = staging.localized(door.with_defaults(process, inputs))
        staging.allow(door.declared_locations(process))
        local_process = door.with_local_files(process, staging.localized)
        ran = door.run_tool(local_process, local, context, known.options, known.secrets)
        out = context.work_dir / "out"
        images.append(ran.image)
        return with_updates(staging.stored(ran.outputs, out), staging.updates(ran.updated, out))

    outputs = reused(process, inputs, context, known, run)
    record = tool_record(known, place, process, inputs, started, images)
    return json.dumps({**with_updates(outputs, {**wired.updates, **updates_of([outputs])}), **record})


def _place(order: Mapping[str, Any]) -> Place:
    return Place(order["doc"], tuple(order["path"]))


def _element(
    step: door.Step, workflow: door.Process, inputs: Object, context: JobContext, known: Loaded
) -> Object | None:
    """The inputs of the step's process once ``valueFrom`` and ``when`` are evaluated; ``None``: skipped."""
    evaluated = _evaluated(step, workflow, inputs, context, known)
    if "when" in step.tool and not _is_wanted(step, evaluated, workflow, known):
        return _SKIPPED
    return _connected(step, evaluated)


def _evaluated(step: door.Step, workflow: door.Process, inputs: Object, context: JobContext, known: Loaded) -> Object:
    """The step's inputs once contents are loaded and ``valueFrom`` is evaluated."""
    parameters = {str(one["id"]): one for one in step.tool["inputs"]}
    for name, one in parameters.items():
        if one.get("loadContents"):
            _load_contents(inputs[name], context)
    before = {short(name): value for name, value in inputs.items()}
    return {
        name: (
            door.evaluate(parameters[name]["valueFrom"], before, value, workflow, known.options)
            if "valueFrom" in parameters[name]
            else value
        )
        for name, value in inputs.items()
    }


def _is_wanted(step: door.Step, inputs: Object, process: door.Process, known: Loaded) -> bool:
    """Whether the step's condition holds for its inputs. Raises ``JobFailure`` if it is no truth value."""
    shown = {short(name): value for name, value in inputs.items()}
    wanted = door.evaluate(step.tool["when"], shown, None, process, known.options)
    if not isinstance(wanted, bool):
        raise JobFailure(f"the condition {step.tool['when']!r} is {wanted!r}, neither true nor false")
    return wanted


def _connected(step: door.Step, inputs: Object) -> Object:
    """Those of the step's inputs that its process takes."""
    unconnected = {str(one["id"]) for one in step.tool["inputs"] if one.get("not_connected")}
    return {short(name): value for name, value in inputs.items() if name not in unconnected}


def _load_contents(value: Value, context: JobContext) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and one.get("contents") is None and "location" in one:
            one["contents"] = door.read_contents(one["location"], context.files)


def _add_process(
    context: JobContext, place: Place, inputs: Object, known: Loaded, suffix: str, updates: Updates
) -> JobId:
    process = process_at(known.document.root, place.path)
    job = context.new_id()
    name = step_name(place, process) + suffix
    payload = context.payload(payload_of(place, inputs=inputs, updates=updates))
    if door.process_class(process) in COMPOSITE:
        context.add(glue(job, name, COMPOSITE[door.process_class(process)], payload))
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
