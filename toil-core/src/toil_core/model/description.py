"""A job as data: what to run, with what, after what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from toil_core.model.ids import JobId
from toil_core.model.payload import EMPTY, Payload
from toil_core.model.requirements import Requirements


class EdgeKind(Enum):
    """What a job waits for in another job.

    ``CHILD``: that the other ran; it becomes part of the other's subtree.
    ``FOLLOW_ON``: that the other ran and its children's subtrees are done; it, too, becomes part of
    the other's subtree, but the other's further follow-ons do not wait for it.
    ``DATA``: that the other's return value is known, through any promise the value itself holds.
    ``SERVICE``: that the other ran, or has started if that is a service itself; this job is a service
    then, for which the other's successors wait until it has started, and which is told to stop when
    they are done.
    """

    CHILD = "child"
    FOLLOW_ON = "follow-on"
    DATA = "data"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing a job waits for."""

    kind: EdgeKind
    job: JobId


class Placement(Enum):
    """Where a job runs: ``BATCH`` as the batch system decides; ``LEADER`` beside the leader, for
    bookkeeping that takes milliseconds and no resources worth counting."""

    BATCH = "batch"
    LEADER = "leader"


class Isolation(Enum):
    """``FORK``: a process of its own. ``RESIDENT``: in a warm worker that runs many jobs one after
    another, for bodies that are our own code around a tool process. ``SHARED``: likewise, for authors'
    code that keeps nothing between calls; what else a job leaves in the process is put right after it."""

    FORK = "fork"
    RESIDENT = "resident"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class JobDescription:
    """A job that can be stored, sent and run anywhere.

    ``body`` is ``package.module:function``, called as ``api.job.JobBody`` says. ``name`` is shown
    to people and need not be unique. ``retries`` is the number of tries after the first one that
    failed; ``None`` means the run's default. A ``checkpoint`` job is run again, with everything it
    made thrown away, when something in its subtree has failed for good.
    """

    id: JobId
    name: str
    body: str
    payload: Payload = EMPTY
    requirements: Requirements = Requirements()
    edges: tuple[Edge, ...] = ()
    placement: Placement = Placement.BATCH
    isolation: Isolation = Isolation.FORK
    retries: int | None = None
    checkpoint: bool = False
    declared: str = ""
    """Where the program finds what the job asks for, in its own words, to be read anew on a restart."""

    def waits_for(self, kind: EdgeKind) -> tuple[JobId, ...]:
        """The jobs this one waits for in the given way."""
        return tuple(edge.job for edge in self.edges if edge.kind is kind)

    @property
    def serves(self) -> JobId | None:
        """The job, or the other service, whose service this is; ``None`` for other jobs."""
        return next((edge.job for edge in self.edges if edge.kind is EdgeKind.SERVICE), None)
