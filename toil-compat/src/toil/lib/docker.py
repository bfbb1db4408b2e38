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
from toil.lib.detached import DetachedContainer
from toil_core.api.container import ContainerRun, Mount
from toil_core.errors import ToilError, UsageError
from toil_core.workflow import current
from toil_core.workflow.container import container_engine, container_is_running, end_container, run_container
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
    parameters: str | Sequence[Any] | None = None,
    deferParam: int | None = None,
    volumes: Mapping[str, Mapping[str, str]] | None = None,
    working_dir: str | None = None,
    containerName: str | None = None,
    entrypoint: str | Sequence[str] | None = None,
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
) -> Any:
    """Run a command in a container to its end; the bytes it prints to stdout (but with ``stdout=False``), with
    ``stderr`` to that; with ``demux`` a pair of what it prints to either; with ``stream`` an iterator of lines.

    Each of ``parameters`` is one word, but the first may be several; a list of lists is a pipe of commands for
    the image's bash. ``entrypoint``, a word or several, replaces the image's own. ``detach`` gives a
    ``DetachedContainer`` at once. Without ``volumes``, ``working_dir`` (by default the job's) is there under its
    own path and as ``/data``; with them, under its own path if it is of the job. The container ends with the job
    and is always removed. ``timeout`` is in seconds.

    Raises ``ContainerError`` if the command fails, ``UnsupportedFeature`` for what engines are not asked for, and
    ``ToilError`` if there is no engine.
    """
    _refuse_others(kwargs)
    here = os.path.abspath(working_dir or os.getcwd())
    first, command = _command(parameters or (), entrypoint)
    run = ContainerRun(
        image,
        command,
        name=containerName or getContainerName(job),
        mounts=_mounts(here, volumes, working_dir is not None),
        work_dir=here if volumes is None or working_dir else "",
        environment=_environment(environment),
        user=user or "",
        network=kwargs.get("network", kwargs.get("network_mode", "bridge")),
        accelerators=len(accelerators or ()),
        entrypoint=first,
    )
    if detach:
        return DetachedContainer(current(), run)
    done = _outcome(run, stderr and not demux and stdout is not False, timeout)
    printed = _printed(done, stdout is not False, stderr)
    if streamfile is not None:
        Path(streamfile).write_bytes(printed)
    if demux:
        return done.stdout, done.stderr
    return iter(printed.splitlines(keepends=True)) if stream else printed


def dockerKill(container_name: str, gentleKill: bool = False, remove: bool = False, timeout: float = 0) -> None:
    """End and remove a container of this machine; no error if there is none."""
    end_container(container_engine(), container_name)


def dockerStop(container_name: str, remove: bool = False) -> None:
    """``dockerKill``, which leaves nothing to be removed."""
    dockerKill(container_name)


def containerIsRunning(container_name: str, timeout: float = 0) -> bool | None:
    """Whether a container of this machine runs; ``None`` if there is none of that name."""
    return container_is_running(container_engine(), container_name)


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


def _outcome(run: ContainerRun, with_stderr: bool, timeout: float | None) -> subprocess.CompletedProcess[bytes]:
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
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ContainerError(run.image, done.returncode, said)
    return done


def _printed(done: subprocess.CompletedProcess[bytes], with_stdout: bool, with_stderr: bool) -> bytes:
    if with_stdout:
        return done.stdout
    return done.stderr if with_stderr else b""


def _command(parameters: str | Sequence[Any], entrypoint: str | Sequence[str] | None) -> tuple[str | None, list[str]]:
    """What replaces the image's entrypoint, if anything does, and the words behind it."""
    if isinstance(parameters, str):
        parameters = shlex.split(parameters)
    if parameters and isinstance(parameters[0], (list, tuple)):
        commands = [" ".join(shlex.quote(str(word)) for word in command) for command in parameters]
        first, *more = ("/bin/bash", "-c") if entrypoint is None else _words(entrypoint)
        return first, [*more, f"set -eo pipefail && {' | '.join(commands)}"]
    words = [str(word) for word in parameters]
    if entrypoint is None:
        return None, [*shlex.split(words[0]), *words[1:]] if words else []
    first, *more = _words(entrypoint)
    return first, [*more, *words]


def _words(entrypoint: str | Sequence[str]) -> Sequence[str]:
    return (shlex.split(entrypoint) if isinstance(entrypoint, str) else entrypoint) or [""]


def _mounts(here: str, volumes: Mapping[str, Mapping[str, str]] | None, is_named: bool) -> list[Mount]:
    if volumes is None:
        return [Mount(Path(here), target, is_writable=True) for target in (here, _INSIDE)]
    found = []
    for source, facts in volumes.items():
        found.append(Mount(Path(source), facts["bind"], is_writable=facts.get("mode", "rw") != "ro"))
    is_of_job = Path(here).resolve().is_relative_to(current().work_dir.resolve())
    if is_named and is_of_job and here not in (mount.target for mount in found):
        found.append(Mount(Path(here), here, is_writable=True))  # podman makes no directory to work in
    return found


def _environment(given: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    if given is None or isinstance(given, Mapping):
        return {name: str(value) for name, value in (given or {}).items()}
    pairs = [setting.partition("=") for setting in given]
    if not all(equals for _, equals, _ in pairs):
        raise UsageError(f"environment {list(given)!r} has a variable without a value", 'Write "NAME=value"')
    return {name: value for name, _, value in pairs}


def _refuse_others(given: Mapping[str, Any]) -> None:
    for name in given.keys() - set(_NETWORKS):
        raise not_there(f"{name} of apiDockerCall", "Leave it out: the command runs, and its output is returned")
