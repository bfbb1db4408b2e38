"""One job inside the state machine: its description and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from toil_core.model.description import Edge, EdgeKind, JobDescription, Placement
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.payload import EMPTY, Payload

WAITING, READY, ISSUED, RAN, DONE, FAILED = range(6)
"""Phases. ``RAN``: its outcome is accepted. ``DONE``: so is all of its subtree."""

PHASE_NAMES = ("waiting", "ready", "issued", "ran", "done", "failed")


class Node:
    """Mutable bookkeeping of a job; only ``State`` touches it."""

    __slots__ = (
        "attempt",
        "blockers",
        "description",
        "files",
        "is_reused",
        "lost",
        "made",
        "maker",
        "memory",
        "needs",
        "on_children_done",
        "on_ran",
        "on_value",
        "open_children",
        "open_follow_ons",
        "open_needs",
        "phase",
        "services",
        "time_limit",
        "tries",
        "value",
    )

    def __init__(self, description: JobDescription, maker: JobId | None) -> None:
        self.description = description
        self.maker = maker
        self.phase = WAITING
        self.blockers = 0  # edges not satisfied yet
        self.open_children = 0
        self.open_follow_ons = 0
        self.open_needs = 0  # jobs promised in the value whose own values are not known yet
        self.tries = 0  # failed attempts that count
        self.lost = 0
        self.memory: int | None = None  # bytes asked for after doubling
        self.time_limit: float | None = None  # seconds given after doubling
        self.attempt: AttemptId | None = None
        self.value: Payload | None = None
        self.needs: tuple[JobId, ...] = ()
        self.made: tuple[JobId, ...] = ()
        self.files: tuple[str, ...] = ()
        self.is_reused = False
        self.on_ran: list[Node] | None = None
        self.on_children_done: list[Node] | None = None
        self.on_value: list[Node] | None = None
        self.services: Services | None = None

    @property
    def is_up(self) -> bool:
        """Whether this is a service that has started, and has not ended."""
        return self.phase == ISSUED and self.value is not None

    @property
    def starting(self) -> int:
        """How many services must start before the successors of this job may run."""
        return 0 if self.services is None else self.services.starting

    @property
    def has_value(self) -> bool:
        """Whether readers of the value can run."""
        return (RAN <= self.phase <= DONE and self.open_needs == 0) or self.is_up

    def satisfies(self, edge: Edge) -> bool:
        """Whether what ``edge`` waits for in this job has come true."""
        if edge.kind is EdgeKind.DATA:
            return self.has_value
        if edge.kind is EdgeKind.SERVICE:
            return RAN <= self.phase <= DONE or self.is_up
        if self.phase == DONE:
            return True
        if self.phase != RAN or self.starting:
            return False
        return edge.kind is EdgeKind.CHILD or self.open_children == 0

    def forget_waiting(self) -> None:
        """Nobody waits for this job, and it for nobody, until that is worked out again."""
        self.blockers = self.open_children = self.open_follow_ons = self.open_needs = 0
        self.on_ran = self.on_children_done = self.on_value = None
        self.services = None

    def slim(self) -> None:
        """Let go of what a job that ran needs no more; a checkpoint job and a service may run again."""
        job = self.description
        if not job.checkpoint and job.serves is None and job.payload is not EMPTY:
            self.description = replace(job, payload=EMPTY)


class Services:
    """The services of a job, or of another service. ``nodes``: those that are not done; ``waiting``: those
    of them that wait for it to have run. ``starting``, of a job: how many have not started, with theirs."""

    __slots__ = ("nodes", "starting", "waiting")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.waiting: list[Node] = []
        self.starting = 0


@dataclass(frozen=True, slots=True)
class NodeSnapshot:
    """A node as the snapshot keeps it; counters follow from the edges and phases."""

    job: JobDescription
    phase: int = WAITING
    maker: JobId | None = None
    tries: int = 0
    memory: int | None = None
    value: Payload | None = None
    needs: tuple[JobId, ...] = ()
    made: tuple[JobId, ...] = ()
    files: tuple[str, ...] = ()
    is_reused: bool = False
    time_limit: float | None = None


def is_glue(job: JobDescription) -> bool:
    """Whether people need not hear of the job unless it fails."""
    return job.placement is Placement.LEADER
