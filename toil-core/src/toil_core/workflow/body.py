"""What workers call to run jobs of Python workflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from toil_core.api.job import JobContext, JobFailure
from toil_core.errors import UsageError
from toil_core.model.description import Edge, EdgeKind
from toil_core.model.ids import JobId
from toil_core.model.outcome import FailureKind
from toil_core.workflow.compilation import Additions, Held, compile_additions
from toil_core.workflow.context import Context, entered
from toil_core.workflow.job import Job, Service, node_of
from toil_core.workflow.node import Node
from toil_core.workflow.pickling import Values, dump, dump_value
from toil_core.workflow.promise import Promise
from toil_core.workflow.script import module_of

W = TypeVar("W")


def prepare(payload: str) -> None:
    """Load the script that a payload names, for all processes that will be forked from this one."""
    module_of(payload.partition("\n")[0])


def run_job(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Run a job that an author wrote; its value is a pickle as text."""
    script, _, text = payload.partition("\n")
    job: Job[Any] = _still(Job, Values(values, script).load(text))
    job.configure(name=context.job.name)
    with entered(Context(context, job, script)) as running:
        value = job.run(running)
        added = _additions(context, job, value, script)
    for description in added.jobs:
        context.add(description)
    for need in added.needs:
        context.needs(need)
    return added.value


def run_service(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Run a service that an author wrote, until it is to stop; its value is what its start returned."""
    script, _, text = payload.partition("\n")
    service: Service[Any] = _still(Service, Values(values, script).load(text))
    service.configure(name=context.job.name)
    is_checked = type(service).check is not Service.check
    with entered(Context(context, None, script)) as running:
        value = dump_value(service.start(running), context.job.name, {}).text
        try:
            context.serve(value, (lambda: service.check(running)) if is_checked else None)
        finally:
            service.stop(running)
    return value


def pass_by(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Do nothing: the job only holds others together. Its value is that of the job named, if one is."""
    if not payload:
        return dump(None, context.job.name, {}).text
    return _value_of(JobId(payload), context)


def issue_with_requirements(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Add a job whose requirements are known now; its value is this one's."""
    script, _, text = payload.partition("\n")
    held: Held = Values(values, script).load(text)
    edges = [Edge(EdgeKind.CHILD, context.job.id), *(Edge(EdgeKind.DATA, job) for job in held.reads)]
    job = replace(
        held.job,
        id=context.new_id(),
        requirements=held.settings.requirements(held.job.name),
        edges=tuple(edges),
    )
    context.add(job)
    return _value_of(job.id, context)


def _still(kind: type[W], work: object) -> W:
    if isinstance(work, kind):
        return work
    found = f"{type(work).__module__}.{type(work).__qualname__}"
    raise UsageError(
        f"{found} is no {kind.__name__} any more, as it was when the job was made",
        f"Make it a subclass of {kind.__name__}",
    )


def _value_of(job: JobId, context: JobContext) -> str:
    context.needs(job)
    stand_in = Node(context.job.name)
    return dump(Promise[Any](stand_in), context.job.name, {stand_in: job}).text


def _additions(context: JobContext, job: Job[Any], value: object, script: str) -> Additions:
    try:
        return compile_additions(node_of(job), value, context.job.id, context.new_id, script, context.payload)
    except UsageError as error:
        # The same code would build the same graph again.
        raise JobFailure(str(error), FailureKind.PERMANENT) from error
