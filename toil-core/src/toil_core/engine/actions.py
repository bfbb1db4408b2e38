"""What the state machine asks of the shell around it."""

from __future__ import annotations

from dataclasses import dataclass

from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId
from toil_core.model.record import Record
from toil_core.model.requirements import Resources


@dataclass(frozen=True, slots=True)
class Issue:
    """Have a worker make this attempt."""

    job: JobDescription
    attempt: AttemptId
    resources: Resources


@dataclass(frozen=True, slots=True)
class Cancel:
    """End this attempt; whatever it still returns is ignored."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class Stop:
    """Ask this service to stop, which nobody needs any more; its outcome follows."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class Write:
    """A decision the journal must hold, because replaying the outcomes alone would not tell it."""

    record: Record


@dataclass(frozen=True, slots=True)
class End:
    """Nothing runs and nothing can run any more. ``stuck`` names jobs that wait for each other
    though nothing failed; there are none unless a front end made an impossible graph."""

    succeeded: bool
    stuck: tuple[str, ...] = ()


Action = Issue | Cancel | Stop | Write | End
