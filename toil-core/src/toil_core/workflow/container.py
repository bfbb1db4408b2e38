"""Running a container from a job."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO

from toil_core.api.container import ContainerRun
from toil_core.errors import ToilError
from toil_core.plugins.manager import PluginManager
from toil_core.workflow.context import Context

ENGINES = ("docker", "podman")

_LONGEST_SECONDS = 20 * 24 * 60 * 60.0  # poll(2) takes milliseconds as an int, of 24 days at most


def container_engine(*names: str) -> str:
    """The first of some engines, by default docker and podman, that runs containers on this machine.

    Raises ``ToilError`` with what the first says if none does, and ``UnknownPlugin``.
    """
    refused: list[ToilError] = []
    for name in names or ENGINES:
        try:
            PluginManager.load().container_engine(name).load()(None).check()
        except ToilError as error:
            refused.append(error)
        else:
            return name
    raise refused[0]


def run_container(
    context: Context,
    run: ContainerRun,
    engine: str = "",
    *,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | int | None = None,
    timeout_seconds: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a container to its end, by ``engine`` or the first one there is; ``stdout`` and ``stderr`` are
    as those of ``subprocess.run``, by default the job's log. A timeout above 20 days is none.

    The container ends with the job, also if that is killed. Raises ``subprocess.TimeoutExpired``, and
    ``ToilError`` for what the engine cannot do.
    """
    name = engine or container_engine()
    program = PluginManager.load().container_engine(name).load()(None)
    program.ensure_image(run.image)
    invocation = program.invocation(run)
    context.on_abort([sys.executable, "-m", "toil_core.workflow.container_end", name, run.name])
    try:
        return subprocess.run(
            invocation.command,
            env={**os.environ, **invocation.environment},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            timeout=None if timeout_seconds is None or timeout_seconds > _LONGEST_SECONDS else timeout_seconds,
            check=False,
        )
    except BaseException:
        program.kill(run.name)
        raise


def end_container(engine: str, name: str) -> None:
    """End the container of that name; no error if there is none. Raises ``UnknownPlugin``."""
    PluginManager.load().container_engine(engine).load()(None).kill(name)


def container_is_running(engine: str, name: str) -> bool | None:
    """Whether the container of that name runs; ``None`` if there is none. Raises ``UnknownPlugin``, and
    ``ToilError`` if the engine does not say."""
    return PluginManager.load().container_engine(engine).load()(None).is_running(name)
