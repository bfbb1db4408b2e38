"""What one attempt at a job came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.payload import Payload


class FailureKind(Enum):
    """Why an attempt came to nothing; retrying depends on it.

    ``ERROR``: the body raised or its process exited by itself. ``MEMORY``: it needed more than its
    limit. ``TIME``: it ran past its limit. ``LOST``: its worker vanished; no fault of the job.
    ``PREEMPTED``: the node was taken back. ``CANCELLED``: we ended it. ``PERMANENT``: a retry is
    known to be useless. ``UNSUPPORTED``: like permanent, and the run's exit code is 33.
    """

    ERROR = "error"
    MEMORY = "memory"
    TIME = "time"
    LOST = "lost"
    PREEMPTED = "preempted"
    CANCELLED = "cancelled"
    PERMANENT = "permanent"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt, told so that a person can act on it.

    ``message`` is one line; ``command`` the tool's command line, if a tool failed; ``exit_status``
    its status (negative: the signal), ``None`` if no process ended.
    """

    kind: FailureKind
    message: str
    command: str = ""
    exit_status: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt used: seconds of wall, user and system time (children included), peak bytes."""

    wall_seconds: float = 0.0
    user_seconds: float = 0.0
    system_seconds: float = 0.0
    peak_memory: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """What an attempt wrote to stdout and stderr: the last part here, the whole in the store."""

    tail: str = ""
    file: FileRef | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A line a job asked the leader to log; ``level`` as in the ``logging`` module."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt; writing it down is the attempt's commit.

    Without ``failure`` the job ran: ``value`` is its return value and ``needs`` names the jobs whose
    values are promised inside it; ``jobs`` are new jobs; ``files`` everything it stored, ``deleted``
    what it no longer wants kept. ``is_reused``: the value was made by earlier work, and only taken.
    """

    job: JobId
    attempt: AttemptId
    value: Payload | None = None
    needs: tuple[JobId, ...] = ()
    jobs: tuple[JobDescription, ...] = ()
    files: tuple[FileRef, ...] = ()
    deleted: tuple[FileRef, ...] = ()
    failure: Failure | None = None
    log: Log = Log()
    usage: Usage = Usage()
    messages: tuple[Message, ...] = ()
    is_reused: bool = False
