"""Running a container from a job."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO

from toil_core.api.container import ContainerEngine, ContainerRun, Invocation
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
    program, invocation = _prepared(context, run, engine)
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


class StartedContainer:
    """A container that runs beside what its job does next; it ends with the job at the latest."""

    def __init__(self, engine: ContainerEngine, name: str, process: subprocess.Popen[bytes]) -> None:
        self._engine = engine
        self.name = name
        self._process = process

    def is_running(self) -> bool:
        """Whether it runs now; it may not do so yet."""
        return self._process.poll() is None and bool(self._engine.is_running(self.name))

    def exit_status(self) -> int | None:
        """Its command's exit status, ``None`` before it has ended."""
        return self._process.poll()

    def wait(self, timeout_seconds: float | None = None) -> int:
        """Its command's exit status, once it has ended. Raises ``subprocess.TimeoutExpired``."""
        return self._process.wait(timeout_seconds)

    def end(self) -> None:
        """End it, also if it is only about to run; no error if it has ended."""
        self._engine.kill(self.name)
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
            self._engine.kill(self.name)


def start_container(
    context: Context,
    run: ContainerRun,
    engine: str = "",
    *,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | int | None = None,
) -> StartedContainer:
    """Start a container and go on at once; all else is as with ``run_container``."""
    program, invocation = _prepared(context, run, engine)
    process = subprocess.Popen(
        invocation.command,
        env={**os.environ, **invocation.environment},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )
    started = StartedContainer(program, run.name, process)
    context.defer(started.end)
    return started


def end_container(engine: str, name: str) -> None:
    """End the container of that name; no error if there is none. Raises ``UnknownPlugin``."""
    PluginManager.load().container_engine(engine).load()(None).kill(name)


def container_is_running(engine: str, name: str) -> bool | None:
    """Whether the container of that name runs; ``None`` if there is none. Raises ``UnknownPlugin``, and
    ``ToilError`` if the engine does not say."""
    return PluginManager.load().container_engine(engine).load()(None).is_running(name)


def _prepared(context: Context, run: ContainerRun, engine: str) -> tuple[ContainerEngine, Invocation]:
    name = engine or container_engine()
    program: ContainerEngine = PluginManager.load().container_engine(name).load()(None)
    program.ensure_image(run.image)
    invocation = program.invocation(run)
    context.on_abort([sys.executable, "-m", "toil_core.workflow.container_end", name, run.name])
    return program, invocation
