"""Running one tool."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cwl_utils.errors import WorkflowException
from cwltool.errors import UnsupportedRequirement
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import file_uri

from toil_core.api.job import JobContext, JobFailure
from toil_core.model.outcome import FailureKind
from toil_cwl.door.command import Command, told
from toil_cwl.door.devices import lack_of_devices, name_devices, named_devices
from toil_cwl.door.documents import Process, requirement, requires_container
from toil_cwl.door.hiding import hide_from_process_lists, masked
from toil_cwl.door.memory import given_resources, watch_memory
from toil_cwl.door.quiet import collected_errors
from toil_cwl.door.runtime import runtime
from toil_cwl.messages import one_line
from toil_cwl.numbers import decimals
from toil_cwl.options import CwlOptions
from toil_cwl.values import Object

NEEDS_CONTAINER = "the tool requires a container (DockerRequirement)"
WITH_CONTAINER = "Leave out --no-container"


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What a tool left, with local locations: its outputs, and the inputs that it updated in place, each as
    the old location and the new File or Directory. ``image``: of the container that it ran in, empty for none."""

    outputs: Object
    updated: Sequence[tuple[str, Object]]
    image: str


def run_tool(
    process: Process, inputs: Object, attempt: JobContext, options: CwlOptions, secrets: Mapping[str, str]
) -> ToolRun:
    """Run a tool whose files are all local; ``secrets`` stand for their placeholders in what it is given.

    Raises ``JobFailure`` with the command and its exit status.
    """
    if options.no_container and requires_container(process):
        raise JobFailure(f"{NEEDS_CONTAINER}. {WITH_CONTAINER}", FailureKind.UNSUPPORTED)
    context = runtime(options, attempt.files, attempt.work_dir)
    context.name = attempt.job.name  # cwltool's own search for a free one takes longer with every job
    context.select_resources = given_resources(attempt.resources.memory)
    results: list[tuple[Object, str]] = []
    command: Command | None = None
    image = ""
    updated: list[tuple[str, Object]] = []
    with collected_errors() as errors, masked(context, secrets):
        try:
            for job in process.job(decimals(inputs), lambda out, status: results.append((out, status)), context):
                command = Command(job, attempt)
                if hasattr(job, "create_runtime"):
                    _contain(job, command, options)
                    image = _image(process, options)
                    watch_memory(job, command)
                    name_devices(job, options)
                    if secrets:
                        hide_from_process_lists(job, context)
                elif attempt.resources.accelerators:
                    job.environment.update(named_devices())
                updated += _copied_instead(job)
                job.run(context)
        except UnsupportedRequirement as error:
            raise JobFailure(one_line(str(error)), FailureKind.UNSUPPORTED) from error
        except ValidationException as error:
            raise JobFailure(one_line(str(error)), FailureKind.PERMANENT) from error
        except WorkflowException as error:
            is_of_devices = "CUDARequirement" in str(error)
            raise JobFailure(lack_of_devices(process) if is_of_devices else one_line(str(error))) from error
        if command is None or command.is_late or not results or results[-1][1] != "success":
            raise command.failure(errors) if command is not None else JobFailure(told(errors))
    return ToolRun(results[-1][0], updated, image)


def _image(process: Process, options: CwlOptions) -> str:
    container = requirement(process, "DockerRequirement") or {}
    return str(container.get("dockerImageId") or container.get("dockerPull") or options.default_container)


def _copied_instead(job: Any) -> list[tuple[str, Object]]:
    """Have a tool that would update inputs in place update copies of them; what will replace what."""
    if not getattr(job, "inplace_update", False):
        return []
    job.inplace_update = False
    return [
        (entry["location"], {"class": entry["class"], "location": file_uri(f"{job.outdir}/{entry['basename']}")})
        for entry in job.generatefiles["listing"]
        if entry.get("writable") and "location" in entry
    ]


_READ_BY_ENGINES = re.compile("HOME|PATH|TMPDIR|(LD|DOCKER|CONTAINERS?|XDG)_.*")


def _without_value(word: str, env: Any) -> str:
    """A variable of the tool without its value, which any process list shows: that goes into the
    engine's own environment, but for variables which the engine itself would heed there."""
    name, equals, value = word.removeprefix("--env=").partition("=")
    if not word.startswith("--env=") or not equals or _READ_BY_ENGINES.fullmatch(name):
        return word
    env[name] = value
    return f"--env={name}"


def _contain(job: Any, command: Command, options: CwlOptions) -> None:
    """Have a container's name known before it runs, and its end noticed by the end of its command.

    cwltool's own monitor waits a second before it first looks, and asks the engine for statistics.
    """
    create_runtime = job.create_runtime

    def named_runtime(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        if "run" in words and not options.singularity and not options.user_space_docker_cmd:
            name = f"toil-{uuid.uuid4().hex[:12]}"
            command.on_abort([words[0], "kill", name])  # removing alone would ask the tool first
            command.on_abort([words[0], "rm", "--force", name])
            words.insert(words.index("run") + 1, f"--name={name}")
        words = [_without_value(word, env) for word in words]
        if os.geteuid() == 0:  # podman maps users for those who are not root, and refuses to for root
            words = [word for word in words if word != "--userns=keep-id"]
        return words, id_file or "none"  # something: else there would be no monitor at all

    job.create_runtime = named_runtime
    job.docker_monitor = lambda *arguments: command.watch(arguments[-1])
