"""A running job, as its own code sees it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from toil_core.api.job import FileAccess, JobContext
from toil_core.errors import UsageError
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.requirements import Resources
from toil_core.workflow.deferred import Deferred
from toil_core.workflow.job import Job, Service

AnyJob = TypeVar("AnyJob", bound="Job[Any]")
AnyService = TypeVar("AnyService", bound="Service[Any]")

_running: Context | None = None


class Context:
    """What a running job may use. Valid until the job's function returns."""

    def __init__(self, attempt: JobContext, job: Job[Any] | None, script: str) -> None:
        self._attempt = attempt
        self._deferred = Deferred(attempt, script)
        self._job = job

    @property
    def job(self) -> Job[Any]:
        """The job itself, to add others to. Raises ``UsageError`` in a service."""
        if self._job is None:
            raise UsageError(f'the service "{self.name}" cannot add jobs', "Add them to the job that it serves")
        return self._job

    @property
    def name(self) -> str:
        """What people call the job."""
        return self._attempt.job.name

    @property
    def job_id(self) -> JobId:
        """The job's id, the same for all its attempts."""
        return self._attempt.job.id

    @property
    def attempt(self) -> AttemptId:
        """This attempt's id, unique in the run."""
        return self._attempt.attempt

    @property
    def resources(self) -> Resources:
        """What the job has been given: cores, bytes of memory and disk, and so on."""
        return self._attempt.resources

    @property
    def files(self) -> FileAccess:
        """The run's files: write, read, stream, import and export."""
        return self._attempt.files

    @property
    def work_dir(self) -> Path:
        """A directory of this attempt; it goes, with all its content, when the attempt ends."""
        return self._attempt.work_dir

    def temp_dir(self, prefix: str = "tmp") -> Path:
        """A new empty directory inside ``work_dir``."""
        path = self._new_path(prefix, "")
        path.mkdir(mode=0o700)
        return path

    def temp_file(self, suffix: str = "", prefix: str = "tmp") -> Path:
        """A new empty file inside ``work_dir``."""
        path = self._new_path(prefix, suffix)
        path.touch(mode=0o600, exist_ok=False)
        return path

    def _new_path(self, prefix: str, suffix: str) -> Path:
        # Random, so that it does not clash with what the job's own code puts here.
        return self.work_dir / f"{prefix}{os.urandom(6).hex()}{suffix}"

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line, once this attempt has come to its own end."""
        self._attempt.log(str(text), _checked(level))

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line now, from wherever the job runs, whatever becomes of this attempt.

        Where the leader cannot be reached this is as ``log``.
        """
        self._attempt.say(str(text), _checked(level))

    def add_child(self, job: AnyJob) -> AnyJob:
        """Have a job run after this one ran; returns that job."""
        return self.job.add_child(job)

    def add_follow_on(self, job: AnyJob) -> AnyJob:
        """Have a job run after this one's children and all that follows them; returns that job."""
        return self.job.add_follow_on(job)

    def add_service(self, service: AnyService) -> AnyService:
        """Have a service run while the jobs do that this one adds, and the others after it; returns it."""
        return self.job.add_service(service)

    def defer(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Have a function called when this attempt is over, also when it fails; the last deferred first.

        What it raises goes to the job's log and changes nothing else. If the attempt's process is killed, the
        function is called by another one on the same machine, which has read the script anew; that takes a
        function and arguments that could be a job's. It may be called twice.
        """
        self._deferred.add((function, args, kwargs))

    def on_abort(self, command: Sequence[str]) -> None:
        """Have a command run, on this machine, if the job is ended from outside before its function is.

        For what does not end with the job's processes, as a daemon's container. It may find nothing to do.
        """
        self._attempt.on_abort(command)

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            f'the context of job "{self.name}" cannot be sent to another job',
            "Decorate that one with @job_function: it gets its own",
        )

    def clean_up(self) -> None:
        """Call what was deferred. Called by the worker when the job has ended."""
        self._deferred.call()


def _checked(level: int) -> int:
    if not isinstance(level, int):
        raise UsageError(f"not a level of logging: {level!r}", "Say logging.WARNING, or another of its numbers")
    return level


def current() -> Context:
    """The context of the job that runs in this process. Raises ``UsageError`` outside of a job."""
    if _running is None:
        raise UsageError("no job is running here", "Call this in a job's function")
    return _running


@contextmanager
def entered(context: Context) -> Iterator[Context]:
    """Make a context the current one, and call what it deferred at the end."""
    global _running
    before, _running = _running, context
    try:
        yield context
    finally:
        _running = before
        context.clean_up()
