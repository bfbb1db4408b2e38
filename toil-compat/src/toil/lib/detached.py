"""A container that goes on beside its job, as the docker library for Python shows it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from toil_core.api.container import ContainerRun
from toil_core.errors import ToilError
from toil_core.workflow import Context
from toil_core.workflow.container import start_container


class DetachedContainer:
    """What ``apiDockerCall`` with ``detach`` returns. The container ends with the job at the latest."""

    def __init__(self, context: Context, run: ContainerRun) -> None:
        self.name = self.id = run.name
        self._outputs = [context.temp_file(".stdout"), context.temp_file(".stderr")]
        with self._outputs[0].open("wb") as out, self._outputs[1].open("wb") as err:
            self._started = start_container(context, run, stdout=out, stderr=err)

    @property
    def status(self) -> str:
        """``created``, ``running`` or ``exited``."""
        if self._started.exit_status() is not None:
            return "exited"
        return "running" if self._started.is_running() else "created"

    def reload(self) -> None:
        """Nothing: ``status`` is always what it is now."""

    def wait(self, timeout: float | None = None, **kwargs: Any) -> dict[str, Any]:
        """The exit status as ``StatusCode``, once it has ended. Raises ``ToilError`` after so many seconds."""
        try:
            return {"StatusCode": self._started.wait(timeout), "Error": None}
        except subprocess.TimeoutExpired as error:
            raise ToilError(f"The container {self.name} did not end in {timeout:g} seconds") from error

    def logs(self, stdout: bool = True, stderr: bool = True) -> bytes:
        """What it has printed up to now."""
        wanted = zip(self._outputs, (stdout, stderr), strict=True)
        return b"".join(Path(path).read_bytes() for path, is_wanted in wanted if is_wanted)

    def kill(self, signal: Any = None) -> None:
        """End it."""
        self._started.end()

    def stop(self, timeout: float = 10) -> None:
        """End it."""
        self._started.end()

    def remove(self, force: bool = False) -> None:
        """End it, if ``force``; it is always removed when it has ended. Raises ``ToilError`` if it runs."""
        if not force and self._started.exit_status() is None:
            raise ToilError(f"The container {self.name} has not ended", "Stop it first, or say force=True")
        self._started.end()
