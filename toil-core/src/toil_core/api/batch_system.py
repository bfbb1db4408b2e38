"""Contract: something that runs work orders, here or on a cluster.

To write one: subclass ``BatchSystem``, return a ``BatchSystemSpec`` from the hook
``toil_batch_systems``, and inherit ``toil_core.testing.BatchSystemContract`` in a test. A queue that
is driven by commands (``sbatch``, ``qsub``) needs no thread of its own thinking: see the plugin guide.

The leader calls the methods from one thread. The batch system calls ``report`` from any thread, as
soon as it knows something; nobody asks it. For every order issued it reports exactly one ``Ended``,
also when the order was cancelled, its worker vanished, or ``shutdown`` ended it. ``Started`` is
optional and comes before ``Ended``.

A worker of a batch system without the capability ``returns_outcomes`` is started as
``python -m toil_core.worker LOCATOR ATTEMPT``: it finds its order in the job store under
``orders/RUN/ATTEMPT`` and writes its outcome to ``results/RUN/JOB/ATTEMPT`` before it exits, so the
batch system only says that it ended.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind, Outcome
from toil_core.model.requirements import Resources

CONTRACT = 1


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt has begun to run on ``node`` (a name for people)."""

    attempt: AttemptId
    node: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt is over and all its processes are gone.

    ``outcome`` is what the worker returned, if it returns outcomes by this way; else ``None``, and
    the leader looks for it in the job store. If there is none there either, the attempt failed for
    ``kind`` with ``detail`` (one line: what the scheduler said) and ``exit_status``; ``log`` is then a file
    of the leader's machine, the leader's from now on, with what the attempt had printed, or empty.
    """

    attempt: AttemptId
    outcome: Outcome | None = None
    kind: FailureKind = FailureKind.LOST
    detail: str = ""
    exit_status: int | None = None
    log: str = ""


@dataclass(frozen=True, slots=True)
class Stalled:
    """Waiting orders cannot start for now, and why: shown to people, once a reason."""

    reason: str


Update = Started | Ended | Stalled


class WorkerHost(Protocol):
    """Warm workers on the leader's machine, lent to batch systems that run jobs there.

    No admission happens here: an order runs as soon as it is handed over. Thread-safe.
    """

    def run(self, order: WorkOrder, report: Callable[[Update], None]) -> None:
        """Run one attempt; ``report`` gets one ``Ended``, from another thread. Returns at once.

        If the host dies, its attempts end as ``LOST`` and a new host takes later orders.
        """

    def cancel(self, attempt: AttemptId) -> None:
        """End an attempt with its whole process group; ``Ended`` follows. Unknown ones are no error."""


@dataclass(frozen=True, slots=True)
class BatchSetup:
    """The run that a batch system works for.

    ``locator`` names the job store as workers must spell it; ``work_dir`` is a directory of the
    leader's machine for this run alone, already made; ``host`` runs orders on this machine.
    """

    run: str
    locator: str
    work_dir: Path
    host: WorkerHost


class BatchSystem(ABC):
    """Runs work orders. Made from its options; does nothing before ``start``."""

    @abstractmethod
    def start(self, setup: BatchSetup, report: Callable[[Update], None]) -> None:
        """Get ready. Raises ``ToilError`` if the service is not there or refuses us."""

    @abstractmethod
    def capacity(self) -> Resources:
        """The most that one job can ask for and ever be run; infinite values where nobody knows."""

    @abstractmethod
    def issue(self, orders: Sequence[WorkOrder]) -> None:
        """Take orders, in order of preference; returns at once, they start when there is room.

        None of them waits forever while others overtake it.
        """

    def waiting_for_room(self) -> Collection[AttemptId]:
        """The orders that can start only when others have ended; none where the service does not tell.

        By this the leader finds services that wait for jobs which wait for the services' room.
        """
        return ()

    @abstractmethod
    def cancel(self, attempts: Sequence[AttemptId]) -> None:
        """End these attempts, waiting or running, with all their processes; ``Ended`` follows.

        An attempt that is not known (any more) is no error.
        """

    @abstractmethod
    def shutdown(self) -> None:
        """End everything that still runs and give back all that was taken. May be called twice."""
