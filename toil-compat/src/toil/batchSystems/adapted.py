"""A batch system that was written for upstream, as one of the core's."""

from __future__ import annotations

import math
import shlex
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from toil.batchSystems.abstractBatchSystem import BatchJobExitReason, UpdatedBatchJobInfo
from toil.description import JobDescription
from toil_core.api.batch_system import BatchSetup, BatchSystem, Ended, Update
from toil_core.errors import InternalError, ToilError
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Accelerator, Resources

_WAIT_SECONDS = 1
"""How long one question for news may take; also, how long the end of a run may wait for the answer."""

_KINDS = {BatchJobExitReason.MEMLIMIT: FailureKind.MEMORY, BatchJobExitReason.MAXJOBDURATION: FailureKind.TIME}


class AdaptedBatchSystem(BatchSystem):
    """Hands workers' commands to a batch system of upstream's kind, and asks it in a thread which have ended."""

    def __init__(self, make: Callable[[], Any], most: Resources) -> None:
        self._make = make
        self._most = most
        self._system: Any = None
        self._setup: BatchSetup | None = None
        self._report: Callable[[Update], None] | None = None
        self._attempts: dict[int, AttemptId] = {}
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="toil-batch-system", daemon=True)

    def start(self, setup: BatchSetup, report: Callable[[Update], None]) -> None:
        """Make the batch system, and begin to ask it."""
        self._setup, self._report = setup, report
        self._system = self._make()
        self._watcher.start()

    def capacity(self) -> Resources:
        """What the run's options allow."""
        return self._most

    def issue(self, orders: Sequence[WorkOrder]) -> None:
        """Hand over a command for each."""
        if self._setup is None:
            raise InternalError("the batch system was used before it was started")
        if not self._watcher.is_alive():
            raise ToilError("The batch system has stopped telling of its jobs", "Its error is above")
        for order in orders:
            command = [sys.executable, "-m", "toil_core.worker", self._setup.locator, order.attempt]
            with self._lock:  # or news of it might come before its number is known
                number = self._system.issueBatchJob(shlex.join(command), _described(order))
                self._attempts[number] = order.attempt

    def cancel(self, attempts: Sequence[AttemptId]) -> None:
        """Have them killed."""
        with self._lock:
            numbers = [number for number, attempt in self._attempts.items() if attempt in attempts]
        if numbers:
            self._system.killBatchJobs(numbers)
            self._end_all(numbers, FailureKind.CANCELLED, "cancelled")

    def shutdown(self) -> None:
        """Have everything killed, and the batch system give back what it took."""
        if self._system is None or self._is_over.is_set():
            return
        self.cancel(list(self._attempts.values()))
        self._is_over.set()
        self._watcher.join()
        self._system.shutdown()

    def _watch(self) -> None:
        try:
            while not self._is_over.is_set():
                news = self._system.getUpdatedBatchJob(maxWait=_WAIT_SECONDS)
                if news is not None:
                    self._tell(news)
        finally:
            if not self._is_over.is_set():
                self._end_all(
                    list(self._attempts), FailureKind.LOST, "the batch system has stopped telling of its jobs"
                )

    def _tell(self, news: UpdatedBatchJobInfo) -> None:
        reason = news.exitReason
        kind = FailureKind.LOST if reason is None else _KINDS.get(reason, FailureKind.LOST)
        word = "" if reason is None else f" ({BatchJobExitReason(reason).name.lower()})"
        self._end_all([news.jobID], kind, f"its worker ended with status {news.exitStatus}{word}", news.exitStatus)

    def _end_all(self, numbers: Sequence[int], kind: FailureKind, detail: str, status: int | None = None) -> None:
        with self._lock:
            ended = [self._attempts.pop(number) for number in numbers if number in self._attempts]
        for attempt in ended:
            if self._report is not None:
                self._report(Ended(attempt, None, kind, detail, status))


def most_of(config: Any) -> Resources:
    """What one job can ask for, by the options of a run."""
    return Resources(
        cores=config.maxCores or math.inf,
        memory=config.maxMemory or sys.maxsize,
        disk=config.maxDisk or sys.maxsize,
        accelerators=(Accelerator(sys.maxsize),),
        preemptible=True,
    )


def _described(order: WorkOrder) -> JobDescription:
    has = order.resources
    made = JobDescription(
        {
            "cores": has.cores,
            "memory": has.memory,
            "disk": has.disk,
            "accelerators": has.accelerators,
            "preemptible": has.preemptible,
            "walltime": has.time_limit_seconds,
        },
        order.job.name,
    )
    made.jobStoreID = str(order.job.id)
    return made
