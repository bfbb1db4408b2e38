"""Running one tool."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cwl_utils.errors import WorkflowException
from cwltool.errors import UnsupportedRequirement
from schema_salad.exceptions import ValidationException
from schema_salad.ref_resolver import file_uri

from toil_core.api.job import JobContext, JobFailure
from toil_core.model.outcome import FailureKind
from toil_cwl.door.documents import Process, requires_container
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
    the old location and the new File or Directory."""

    outputs: Object
    updated: Sequence[tuple[str, Object]]


def run_tool(process: Process, inputs: Object, attempt: JobContext, options: CwlOptions) -> ToolRun:
    """Run a tool whose files are all local.

    Raises ``JobFailure`` with the command and its exit status.
    """
    if options.no_container and requires_container(process):
        raise JobFailure(f"{NEEDS_CONTAINER}. {WITH_CONTAINER}", FailureKind.UNSUPPORTED)
    context = runtime(options, attempt.files, attempt.work_dir)
    context.name = attempt.job.name  # cwltool's own search for a free one takes longer with every job
    results: list[tuple[Object, str]] = []
    commands: list[_Command] = []
    updated: list[tuple[str, Object]] = []
    with collected_errors() as errors:
        try:
            for job in process.job(decimals(inputs), lambda out, status: results.append((out, status)), context):
                command = _Command(job)
                commands.append(command)
                job.process_monitor = command.watch
                if hasattr(job, "create_runtime"):
                    _contain(job, command, attempt, options)
                updated += _copied_instead(job)
                job.run(context)
        except UnsupportedRequirement as error:
            raise JobFailure(one_line(str(error)), FailureKind.UNSUPPORTED) from error
        except ValidationException as error:
            raise JobFailure(one_line(str(error)), FailureKind.PERMANENT) from error
        except WorkflowException as error:
            raise JobFailure(one_line(str(error))) from error
        if not results or results[-1][1] != "success":
            raise _tool_failure(commands[-1] if commands else None, errors)
    return ToolRun(results[-1][0], updated)


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


class _Command:
    """A tool's command line, and the status it ended with."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self.status: int | None = None

    def watch(self, process: subprocess.Popen[str]) -> None:
        """Stands in for cwltool's monitor, which samples memory from a thread every second."""
        self.status = process.wait()

    @property
    def success_codes(self) -> Sequence[int]:
        return list(getattr(self._job, "successCodes", ())) or [0]

    @property
    def failed_for_good(self) -> bool:
        """Whether the tool's author says that this status will always come again."""
        return self.status in list(getattr(self._job, "permanentFailCodes", ()))

    @property
    def text(self) -> str:
        words = getattr(self._job, "command_line", None) or []
        return " ".join(shlex.quote(str(word)) for word in words)


_READ_BY_ENGINES = re.compile("HOME|PATH|TMPDIR|(LD|DOCKER|CONTAINERS?|XDG)_.*")


def _without_value(word: str, env: Any) -> str:
    """A variable of the tool without its value, which any process list shows: that goes into the
    engine's own environment, but for variables which the engine itself would heed there."""
    name, equals, value = word.removeprefix("--env=").partition("=")
    if not word.startswith("--env=") or not equals or _READ_BY_ENGINES.fullmatch(name):
        return word
    env[name] = value
    return f"--env={name}"


def _contain(job: Any, command: _Command, attempt: JobContext, options: CwlOptions) -> None:
    """Have a container's name known before it runs, and its end noticed by the end of its command.

    cwltool's own monitor waits a second before it first looks, and asks the engine for statistics.
    """
    create_runtime = job.create_runtime

    def named_runtime(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        if "run" in words and not options.singularity and not options.user_space_docker_cmd:
            name = f"toil-{uuid.uuid4().hex[:12]}"
            attempt.on_abort([words[0], "kill", name])  # removing alone would ask the tool first
            attempt.on_abort([words[0], "rm", "--force", name])
            words.insert(words.index("run") + 1, f"--name={name}")
        words = [_without_value(word, env) for word in words]
        if os.geteuid() == 0:  # podman maps users for those who are not root, and refuses to for root
            words = [word for word in words if word != "--userns=keep-id"]
        return words, id_file or "none"  # something: else there would be no monitor at all

    job.create_runtime = named_runtime
    job.docker_monitor = lambda *arguments: command.watch(arguments[-1])


def _tool_failure(command: _Command | None, errors: list[str]) -> JobFailure:
    status = command.status if command is not None else None
    if command is not None and status is not None and status not in command.success_codes:
        how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        message = f"the tool {how}"
    else:
        message = one_line(errors[-1]) if errors else "the tool failed"
        program, missing, _ = message.partition(" not found: [Errno 2]")
        if missing:
            message = f"the tool's program {program} was not found; install it, or name a container that has it"
    kind = FailureKind.PERMANENT if command is not None and command.failed_for_good else FailureKind.ERROR
    return JobFailure(message, kind, command=command.text if command else "", exit_status=status)
