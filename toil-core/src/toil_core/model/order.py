"""What a worker is handed: all it needs to make one attempt at one job."""

from __future__ import annotations

from dataclasses import dataclass

from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One attempt at one job. ``values`` are the return values its DATA edges promise, together
    with those promised inside them. ``deployment`` is the key, in the job store, of the code that the
    worker may lack; empty if it lacks none. ``environment`` has variables, with their values, that the batch
    system sets for the attempt, such as those that name its devices."""

    attempt: AttemptId
    job: JobDescription
    resources: Resources
    values: tuple[tuple[JobId, Payload], ...] = ()
    deployment: str = ""
    environment: tuple[tuple[str, str], ...] = ()
