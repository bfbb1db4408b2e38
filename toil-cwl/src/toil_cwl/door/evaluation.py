"""Expressions, the inputs of processes, and what tools ask for."""

from __future__ import annotations

from collections.abc import Mapping

from cwl_utils.errors import WorkflowException
from cwl_utils.expression import do_eval
from cwltool.builder import content_limit_respected_read
from cwltool.errors import UnsupportedRequirement
from schema_salad.exceptions import ValidationException

from toil_core.api.job import FileAccess, JobFailure
from toil_core.errors import UnsupportedFeature, UsageError
from toil_core.model.outcome import FailureKind
from toil_cwl.door.documents import Process
from toil_cwl.door.quiet import quiet_cwltool
from toil_cwl.door.runtime import StoreFsAccess, runtime
from toil_cwl.messages import one_line
from toil_cwl.numbers import plain_json
from toil_cwl.options import CwlOptions
from toil_cwl.values import Object, Value, trim_listings


def evaluate(expression: str, inputs: Object, self_value: Value, process: Process, options: CwlOptions) -> Value:
    """The value of an expression of a workflow. Raises ``JobFailure`` naming the expression."""
    engine = "podman" if options.podman else "singularity" if options.singularity else "docker"
    try:
        return do_eval(
            expression,
            inputs,
            process.requirements,
            None,
            None,
            {},
            context=self_value,
            timeout=options.eval_timeout,
            container_engine=engine,
        )
    except (WorkflowException, ValidationException) as error:
        message = one_line(str(error))
        told = (
            message
            if message.startswith("the expression")
            else f"the expression {expression.strip()} failed: {message}"
        )
        raise JobFailure(told, FailureKind.PERMANENT) from error


def prepared_inputs(process: Process, inputs: Object, files: FileAccess, options: CwlOptions, *, top: bool) -> Object:
    """A process's inputs with defaults filled in, validated, contents and listings loaded as asked for;
    with ``top`` secondary files are looked for. Raises ``UsageError``."""
    context = runtime(options, files, None)
    context.toplevel = top
    with quiet_cwltool():
        try:
            found: Object = plain_json(process._init_job(inputs, context).job)
        except UnsupportedRequirement as error:
            raise UnsupportedFeature(one_line(str(error))) from error
        except (WorkflowException, ValidationException, OSError) as error:
            raise UsageError(one_line(str(error))) from error
    trimmed: Object = trim_listings(found)
    return trimmed


def evaluated_resources(
    process: Process, inputs: Object, files: FileAccess, options: CwlOptions
) -> Mapping[str, float]:
    """What a tool asks for on these inputs: ``cores``, ``ram`` (MiB) and so on."""
    context = runtime(options, files, None)
    with quiet_cwltool():
        try:
            found: Mapping[str, float] = process._init_job(inputs, context).resources
        except (WorkflowException, ValidationException, OSError) as error:
            raise JobFailure(one_line(str(error))) from error
    return found


def read_contents(location: str, files: FileAccess) -> str:
    """The text of a file for ``loadContents``, refused if it is longer than the language allows."""
    with StoreFsAccess("", files).open(location, "rb") as stream:
        return str(content_limit_respected_read(stream))
