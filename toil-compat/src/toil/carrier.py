"""The core's job that carries a job of a script, and what the script's job has while it runs."""

from __future__ import annotations

import math
import os
from typing import Any, Protocol

from toil.fileStores.abstractFileStore import AbstractFileStore
from toil_core.errors import UsageError
from toil_core.workflow import Context, Service
from toil_core.workflow import Job as CoreJob


class Author(Protocol):
    """A job as a script's author sees it."""

    def run(self, fileStore: Any) -> Any:
        """Do the work."""

    def _begin(self, running: Running) -> None:
        """Take over what the job has while it runs."""


class Running:
    """What a job of a script has while it runs."""

    def __init__(self, carrier: CoreJob[Any], context: Context) -> None:
        self.carrier = carrier
        self.context = context
        self.file_store = AbstractFileStore(context)
        self._temp_dir = ""

    @property
    def temp_dir(self) -> str:
        """One directory, made when it is first asked for."""
        if not self._temp_dir:
            self._temp_dir = self.file_store.getLocalTempDir()
        return self._temp_dir


class Carrier(CoreJob[Any]):
    """Runs a job of a script as the core's: in the job's own directory, with its file store."""

    def __init__(self, author: Author) -> None:
        self.author = author

    def run(self, context: Context) -> Any:
        """Call the script's code."""
        running = Running(self, context)
        self.author._begin(running)
        _set_threads(context)
        before = os.getcwd()
        os.chdir(context.work_dir)
        try:
            return self.author.run(running.file_store)
        finally:
            os.chdir(before)


def _set_threads(context: Context) -> None:
    """Tell programs of OpenMP the job's cores, as upstream does; the core puts variables right after the job."""
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, math.ceil(context.resources.cores))))


class ServiceAuthor(Protocol):
    """A service as a script's author sees it."""

    def start(self, job: Any) -> Any:
        """Start it."""

    def check(self) -> bool:
        """Whether it runs."""

    def stop(self, job: Any) -> None:
        """Stop it."""

    def _begin(self, context: Context) -> Any:
        """The job that the service is handed."""


class ServiceCarrier(Service[Any]):
    """Runs a service of a script as the core's, in the directory of its job."""

    def __init__(self, author: ServiceAuthor) -> None:
        self.author = author

    def start(self, context: Context) -> Any:
        """Call the script's code."""
        self.job = self.author._begin(context)
        _set_threads(context)
        os.chdir(context.work_dir)
        return self.author.start(self.job)

    def check(self, context: Context) -> bool:
        """Call the script's code."""
        return bool(self.author.check())

    def stop(self, context: Context) -> None:
        """Call the script's code."""
        self.author.stop(self.job)


def service_carrier_of(service: object) -> Service[Any]:
    """The core's service of a script's. Raises ``UsageError`` for what is no service."""
    carrier = getattr(service, "_carrier", None)
    if not isinstance(carrier, Service):
        raise UsageError(f"not a service: {service!r}", "Make one of a subclass of Job.Service")
    return carrier


def carrier_of(job: object) -> CoreJob[Any]:
    """The core's job of a script's. Raises ``UsageError`` for what is no job."""
    carrier = getattr(job, "_carrier", None)
    if not isinstance(carrier, CoreJob):
        raise UsageError(f"not a job: {job!r}", "Make one of a function by Job.wrapJobFn or Job.wrapFn")
    return carrier
