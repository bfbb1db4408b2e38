"""What observers are told of a run, once it is durable."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum

from toil_core.model.ids import AttemptId, JobId


class EventKind(Enum):
    """The word in the ``event`` field of ``--write-events`` lines."""

    RUN_STARTED = "run-started"
    JOB_ADDED = "job-added"
    JOB_ISSUED = "job-issued"
    JOB_STARTED = "job-started"
    SERVICE_STARTED = "service-started"
    JOB_SUCCEEDED = "job-succeeded"
    ATTEMPT_FAILED = "attempt-failed"
    JOB_FAILED = "job-failed"
    JOB_REUSED = "job-reused"
    MESSAGE = "message"
    STALLED = "stalled"
    RUN_FINISHED = "run-finished"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``at`` is seconds since 1970; ``text`` a line for people; measures are
    those of the attempt (seconds, bytes), 0 where they make no sense.
    ``is_retried``: of a failed attempt, whether the job is tried again. ``level``: of a message, as in
    the ``logging`` module."""

    kind: EventKind
    at: float
    job: JobId | None = None
    name: str = ""
    attempt: AttemptId | None = None
    text: str = ""
    exit_status: int | None = None
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    is_retried: bool = False
    level: int = logging.INFO
