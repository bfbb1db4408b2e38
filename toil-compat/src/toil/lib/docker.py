"""Containers from jobs, by upstream's names."""

from __future__ import annotations

import os
import shlex
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from toil.carrier import carrier_of
from toil.exceptions import not_there
from toil_core.api.container import ContainerRun, Mount
from toil_core.errors import ToilError, UsageError
from toil_core.workflow import current
from toil_core.workflow.container import container_engine, end_container, run_container
from toil_core.workflow.job import node_of

FORGO = 0
STOP = 1
RM = 2

_INSIDE = "/data"
_NETWORKS = ("network", "network_mode")


class ContainerError(ToilError):
    """The command in a container failed. ``exit_status`` is its exit status."""

    def __init__(self, image: str, exit_status: int, said: str) -> None:
        super().__init__(f"The container of {image} ended with exit status {exit_status}: {said}".rstrip(": "))
        self.args = (image, exit_status, said)
        self.exit_status = exit_status


def apiDockerCall(
    job: Any,
    image: str,
    parameters: Sequence[Any] | None = None,
    deferParam: int | None = None,
    volumes: Mapping[str, Mapping[str, str]] | None = None,
    working_dir: str | None = None,
    containerName: str | None = None,
    entrypoint: Any = None,
    detach: bool = False,
    log_config: Any = None,
    auto_remove: bool | None = None,
    remove: bool = False,
    user: str | None = None,
    environment: Mapping[str, str] | Sequence[str] | None = None,
    stdout: bool | None = None,
    stderr: bool = False,
    stream: bool = False,
    demux: bool = False,
    streamfile: str | None = None,
    accelerators: Sequence[int] | None = None,
    timeout: float | None = 365 * 24 * 60 * 60,
    **kwargs: Any,
) -> bytes:
    """Run a command in a container to its end; what it prints to stdout, with ``stderr`` to both.

    ``parameters`` are joined by spaces; a list of lists is a pipe of commands for the image's bash.
    Without ``volumes``, ``working_dir`` (by default the job's) is there under its own path and as
    ``/data``. The container ends with the job and is always removed. ``timeout`` is in seconds.

    Raises ``ContainerError`` if the command fails, ``UnsupportedFeature`` for what the engines of
    this machine are not asked for, and ``ToilError`` if there is no engine.
    """
    for name, value in {"detach": detach, "stream": stream, "demux": demux, "entrypoint": entrypoint}.items():
        if value:
            _refuse(name)
    for name in kwargs.keys() - set(_NETWORKS):
        _refuse(name)
    here = os.path.abspath(working_dir or os.getcwd())
    run = ContainerRun(
        image=image,
        command=_command(parameters or ()),
        name=containerName or getContainerName(job),
        mounts=_mounts(here, volumes),
        work_dir=here if volumes is None else working_dir or "",
        environment=_environment(environment),
        user=user or "",
        network=next((kwargs[name] for name in _NETWORKS if name in kwargs), "bridge"),
        accelerators=len(accelerators or ()),
    )
    return _outcome(run, stderr, streamfile, timeout)


def dockerKill(container_name: str, gentleKill: bool = False, remove: bool = False, timeout: float = 0) -> None:
    """End and remove a container of this machine; no error if there is none."""
    end_container(container_engine(), container_name)


def dockerStop(container_name: str, remove: bool = False) -> None:
    """``dockerKill``, which leaves nothing to be removed."""
    dockerKill(container_name)


def containerIsRunning(container_name: str, timeout: float = 0) -> NoReturn:
    """Not there. Raises ``UnsupportedFeature``."""
    raise not_there("containerIsRunning", "apiDockerCall returns when its container has ended")


def dockerCall(*args: Any, **kwargs: Any) -> NoReturn:
    """Gone upstream too. Raises ``UnsupportedFeature``."""
    raise not_there(
        "dockerCall, dockerCheckOutput and subprocessDockerCall", "Use apiDockerCall, which returns what is printed"
    )


dockerCheckOutput = dockerCall
subprocessDockerCall = dockerCall


def getContainerName(job: Any) -> str:
    """A name for a container of a job that nothing else has."""
    plain = "".join(
        letter if letter.isalnum() and letter.isascii() else "-" for letter in node_of(carrier_of(job)).name
    )
    return f"toil-{plain.strip('-')}-{uuid.uuid4().hex[:12]}"


def _outcome(run: ContainerRun, with_stderr: bool, streamfile: str | None, timeout: float | None) -> bytes:
    try:
        done = run_container(
            current(),
            run,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if with_stderr else subprocess.PIPE,
            timeout_seconds=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise ToilError(f"The container of {run.image} did not end in {timeout:g} seconds") from error
    printed = done.stdout
    if done.returncode:
        said = (done.stderr or printed).decode(errors="replace").strip()
        raise ContainerError(run.image, done.returncode, said)
    if streamfile is not None:
        Path(streamfile).write_bytes(printed)
    return printed


def _command(parameters: Sequence[Any]) -> list[str]:
    if parameters and isinstance(parameters[0], (list, tuple)):
        commands = [" ".join(shlex.quote(str(word)) for word in command) for command in parameters]
        return ["/bin/bash", "-c", f"set -eo pipefail && {' | '.join(commands)}"]
    return shlex.split(" ".join(str(word) for word in parameters))


def _mounts(here: str, volumes: Mapping[str, Mapping[str, str]] | None) -> list[Mount]:
    if volumes is None:
        return [Mount(Path(here), target, is_writable=True) for target in (here, _INSIDE)]
    found = []
    for source, facts in volumes.items():
        found.append(Mount(Path(source), facts["bind"], is_writable=facts.get("mode", "rw") != "ro"))
    return found


def _environment(given: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    if given is None or isinstance(given, Mapping):
        return {name: str(value) for name, value in (given or {}).items()}
    pairs = [setting.partition("=") for setting in given]
    if not all(equals for _, equals, _ in pairs):
        raise UsageError(f"environment {list(given)!r} has a variable without a value", 'Write "NAME=value"')
    return {name: value for name, _, value in pairs}


def _refuse(name: str) -> NoReturn:
    raise not_there(f"{name} of apiDockerCall", "Leave it out: the command runs to its end, and its output is returned")
