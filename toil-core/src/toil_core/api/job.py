"""What a job's body is, and what it is given."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from toil_core.errors import ToilError
from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.outcome import Failure, FailureKind
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources


class FileAccess(Protocol):
    """Files of a run. Everything written is immutable from then on. Thread-safe."""

    def write(self, path: Path, *, name: str = "", move: bool = False) -> FileRef:
        """Store a local file's content. With ``move`` the file may be taken away instead of copied."""

    def write_bytes(self, content: bytes, *, name: str = "") -> FileRef:
        """Store bytes."""

    def read(self, ref: FileRef, path: Path, *, mutable: bool = False) -> None:
        """Have the content at ``path``, by link where that is possible and it is not to be changed."""

    def local_path(self, ref: FileRef) -> Path:
        """A path on this node with the content, to be read only; valid until the job ends."""

    def open(self, ref: FileRef) -> BinaryIO:
        """A stream of the content; the caller closes it."""

    def delete(self, ref: FileRef) -> None:
        """Say that a file is no longer wanted: this attempt can read it no more (``NoSuchObject``), and it goes
        when the job has succeeded."""

    def put_shared(self, name: str, content: BinaryIO) -> None:
        """Keep content under a name by which every job of the run can have it; a second put replaces it.
        Raises ``StorageError`` for a name that the job store cannot keep."""

    def open_shared(self, name: str) -> BinaryIO:
        """A stream of what was put last under a name; the caller closes it. Raises ``NoSuchObject``."""

    @property
    def shares_files(self) -> bool:
        """Whether the jobs of the run see this machine's own files, so that they need not be imported."""

    def import_url(self, url: str, *, by_reference: bool = True) -> FileRef:
        """The content of any URL an installed plugin can read; by reference where both sides allow."""

    def export(self, ref: FileRef, url: str, *, move: bool = False) -> None:
        """Write a file's content to a URL, atomically. With ``move`` the store's copy may be given up."""

    def list_url(self, url: str) -> Sequence[str]:
        """The names in a directory at any URL that can be listed, directories with a slash behind."""

    def url_exists(self, url: str) -> bool:
        """Whether something is at the URL."""


class JobContext(Protocol):
    """A running attempt, as its body sees it."""

    @property
    def job(self) -> JobDescription:
        """The job that runs."""

    @property
    def attempt(self) -> AttemptId:
        """This attempt's name, unique in the run."""

    @property
    def resources(self) -> Resources:
        """What the attempt has been given."""

    @property
    def work_dir(self) -> Path:
        """A directory of this attempt without a file in it; all content is removed when the attempt
        ends. Of a job of ``Isolation.RESIDENT``, directories that the process's earlier jobs left
        empty may be there."""

    @property
    def files(self) -> FileAccess:
        """The run's files."""

    def new_id(self) -> JobId:
        """An id for a new job."""

    def add(self, job: JobDescription) -> None:
        """Add a job to the run; it takes effect if and when this attempt is accepted."""

    def needs(self, job: JobId) -> None:
        """Say that the value to be returned holds a promise of that job's value."""

    def payload(self, text: str) -> Payload:
        """Text as a payload: inline if it is short, else in a file."""

    def on_abort(self, command: Sequence[str]) -> None:
        """Have a command run by whoever finds the attempt ended before its body was: for what does not
        end with the attempt's processes, such as a daemon's container. It may find nothing to do."""

    def reused(self) -> None:
        """Say that the value to be returned was made by earlier work, and was only taken."""

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line when this attempt has come to its own end and its outcome is accepted."""

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line now; where it cannot be reached, as ``log`` does."""

    def serve(self, value: str, check: Callable[[], bool] | None = None) -> None:
        """For the body of a service (``EdgeKind.SERVICE``): tell that it has started, with its value, of
        at most ``INLINE_LIMIT`` characters, and wait until it is to stop.

        ``check`` is called now and then, and tells whether the service still runs; when it does not, this
        returns. What it raises is raised. Raises ``LeaderLost`` when the leader is gone.
        """


class JobBody(Protocol):
    """The function a job's ``body`` names.

    Its module may have a function ``prepare(payload: str) -> None``. A worker host that is a fresh interpreter
    calls it before the first job of a body, with that job's payload, and forks the processes of jobs after
    that: for loading what they all need. What it raises is ignored.
    """

    def __call__(self, context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
        """Do the job. ``values`` holds the values promised by DATA edges. Returns the job's value.

        ``JobFailure`` says how it failed; any other exception is a failure of kind ``error`` whose
        traceback goes to the job's log.
        """


class JobFailure(ToilError):
    """Raised by a body to fail its attempt with everything a person should know."""

    def __init__(
        self, message: str, kind: FailureKind = FailureKind.ERROR, command: str = "", exit_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.args = (message, kind, command, exit_status)
        self.failure = Failure(kind=kind, message=message, command=command, exit_status=exit_status)
