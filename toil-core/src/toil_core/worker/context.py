"""A running attempt, as its body sees it; implements ``api.job.JobContext``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from toil_core.files.job_files import JobFiles
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Message
from toil_core.model.payload import INLINE_LIMIT, Payload
from toil_core.model.requirements import Resources
from toil_core.worker.abort_commands import AbortCommands
from toil_core.worker.attempt_directory import AttemptDirectory


class AttemptContext:
    """Collects what the body adds; one attempt's, used by one thread."""

    def __init__(self, order: WorkOrder, files: JobFiles, directory: AttemptDirectory) -> None:
        self._order = order
        self._files = files
        self._directory = directory
        self._ids = 0
        self.aborts = AbortCommands(directory.path)
        self.jobs: list[JobDescription] = []
        self.needed: list[JobId] = []
        self.messages: list[Message] = []
        self.is_reused = False

    @property
    def job(self) -> JobDescription:
        """The job that runs."""
        return self._order.job

    @property
    def attempt(self) -> AttemptId:
        """This attempt's name."""
        return self._order.attempt

    @property
    def resources(self) -> Resources:
        """What the attempt has been given."""
        return self._order.resources

    @property
    def work_dir(self) -> Path:
        """The attempt's directory, made when it is first asked for."""
        return self._directory.made()

    @property
    def files(self) -> JobFiles:
        """The run's files."""
        return self._files

    def new_id(self) -> JobId:
        """An id for a new job: no other attempt of the run makes the same."""
        self._ids += 1
        return JobId(f"{self._order.attempt}-{self._ids}")

    def add(self, job: JobDescription) -> None:
        """Add a job to the run."""
        self.jobs.append(job)

    def needs(self, job: JobId) -> None:
        """Say that the value holds a promise of that job's value."""
        if job not in self.needed:
            self.needed.append(job)

    def payload(self, text: str) -> Payload:
        """Text as a payload."""
        if len(text) <= INLINE_LIMIT:
            return Payload(text=text)
        return Payload(file=self._files.write_bytes(text.encode()))

    def on_abort(self, command: Sequence[str]) -> None:
        """Have a command run if the attempt is ended from outside."""
        self.aborts.add(command)

    def reused(self) -> None:
        """Say that the value is that of earlier work."""
        self.is_reused = True

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line."""
        self.messages.append(Message(level, text))
