"""A running attempt, as its body sees it; implements ``api.job.JobContext``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from toil_core.api.job import JobFailure
from toil_core.errors import LeaderLost
from toil_core.files.job_files import JobFiles
from toil_core.model.channel import ChannelAddress
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind, Message
from toil_core.model.payload import INLINE_LIMIT, Payload
from toil_core.model.requirements import Resources
from toil_core.worker.abort_commands import AbortCommands
from toil_core.worker.attempt_directory import AttemptDirectory
from toil_core.worker.line import Line

FindLeader = Callable[[AttemptId], ChannelAddress]
"""Tells where the leader of an attempt is reached. Raises ``LeaderLost``."""

_FIRST_CHECK_SECONDS = 0.1
_CHECK_SECONDS = 5.0
"""How long after its start a service is first checked, and the most between two checks; each pause is
twice the one before."""


class AttemptContext:
    """Collects what the body adds; one attempt's, used by one thread."""

    def __init__(self, order: WorkOrder, files: JobFiles, directory: AttemptDirectory, leader_of: FindLeader) -> None:
        self._order = order
        self._leader_of = leader_of
        self._line: Line | None = None
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

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line now, or at the end where it cannot be reached."""
        try:
            self._to_leader().say(level, text)
        except LeaderLost:
            self.log(text, level)

    def serve(self, value: str, check: Callable[[], bool] | None = None) -> None:
        """Be a service that has started."""
        if len(value) > INLINE_LIMIT:
            raise JobFailure(
                f"what the service's start returned is larger than {INLINE_LIMIT} characters; write it to a file",
                FailureKind.PERMANENT,
            )
        line = self._to_leader()
        line.up(Payload(text=value))
        pause = _FIRST_CHECK_SECONDS
        while not line.is_stopped(None if check is None else pause):
            if check is not None and not check():
                return
            pause = min(2 * pause, _CHECK_SECONDS)

    def hang_up(self) -> None:
        """Say no more to the leader."""
        if self._line is not None:
            self._line.close()

    def _to_leader(self) -> Line:
        if self._line is None:
            self._line = Line(lambda: self._leader_of(self.attempt), self.job.id, self.attempt)
        return self._line
