"""What the journal holds: facts about a run, in the order in which they became true.

Replaying the records of all segments from the first gives the run's state. ``Lead`` opens every
leader's part; it is what fences the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId, RunId
from toil_core.model.outcome import Failure, Outcome


@dataclass(frozen=True, slots=True)
class Lead:
    """A leader has taken the run. ``epoch`` is 1 for the first and grows by one with each;
    ``host`` and ``pid`` and ``started`` (kernel's start time of the process, clock ticks) find it."""

    run: RunId
    epoch: int
    host: str = ""
    pid: int = 0
    started: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class JobsAdded:
    """The jobs a run starts with; the first is the one whose value is the run's result. ``files`` are
    what was stored for them, ``origin`` is the program's own word for what they follow from.
    ``anew``: the run starts over, and all that it had is given up."""

    jobs: tuple[JobDescription, ...]
    files: tuple[FileRef, ...] = ()
    origin: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class AttemptIssued:
    """A worker was told to try. Kept for people; correctness does not need it."""

    job: JobId
    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class OutcomeAccepted:
    """An attempt's outcome counts: the job ran, or one try of it failed. ``at``: seconds since 1970."""

    outcome: Outcome
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job has no tries left."""

    job: JobId
    failure: Failure


@dataclass(frozen=True, slots=True)
class SubtreeReset:
    """A checkpoint job starts over: everything it had made is thrown away."""

    job: JobId


@dataclass(frozen=True, slots=True)
class FailuresForgiven:
    """A restart gives all failed jobs their tries again."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Nothing is left to do. ``succeeded`` tells whether everything was done."""

    succeeded: bool
    at: float = 0.0


Record = Lead | JobsAdded | AttemptIssued | OutcomeAccepted | JobFailed | SubtreeReset | FailuresForgiven | RunEnded
