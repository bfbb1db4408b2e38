"""A batch system whose workers are on their own, as those of a cluster are, on this machine."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from toil_core.api.batch_system import BatchSetup, BatchSystem, Ended, Started, Update
from toil_core.api.specs import BatchSystemSpec
from toil_core.errors import InternalError
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Resources
from toil_core.system.processes import end_group

_GRACE_SECONDS = 5.0
"""How long a worker that is asked to end may take."""


def worker_command(locator: str, attempt: AttemptId) -> Sequence[str]:
    """The command of a worker."""
    return [sys.executable, "-m", "toil_core.worker", locator, attempt]


class DetachedBatchSystem(BatchSystem):
    """Starts workers by ``command``, given the locator and the attempt, at most ``slots`` at a time.

    Workers find their orders and leave their results in the job store, and live on when the leader
    dies. ``capacity`` is the most one job may ask for; it is not shared out. Thread-safe.
    """

    def __init__(
        self,
        options: None = None,
        slots: int = 2,
        capacity: Resources | None = None,
        command: Callable[[str, AttemptId], Sequence[str]] = worker_command,
    ) -> None:
        self._slots = slots
        self._command = command
        self._capacity = capacity or Resources(cores=64, memory=2**40, disk=2**50)
        self._lock = threading.Lock()
        self._waiting: OrderedDict[AttemptId, WorkOrder] = OrderedDict()
        self._running: dict[AttemptId, subprocess.Popen[bytes]] = {}
        self._cancelled: set[AttemptId] = set()
        self._watchers: set[threading.Thread] = set()
        self._setup: BatchSetup | None = None
        self._report: Callable[[Update], None] | None = None

    def start(self, setup: BatchSetup, report: Callable[[Update], None]) -> None:
        """Remember the run."""
        self._setup, self._report = setup, report

    def capacity(self) -> Resources:
        """What was said when it was made."""
        return self._capacity

    def issue(self, orders: Sequence[WorkOrder]) -> None:
        """Queue orders, and start the first ones if slots are free."""
        with self._lock:
            self._waiting.update({order.attempt: order for order in orders})
            self._start_some()

    def cancel(self, attempts: Sequence[AttemptId]) -> None:
        """Forget waiting orders, and end running workers."""
        with self._lock:
            forgotten = [attempt for attempt in attempts if self._waiting.pop(attempt, None) is not None]
            running = [self._running[attempt] for attempt in attempts if attempt in self._running]
            self._cancelled.update(attempt for attempt in attempts if attempt in self._running)
        for attempt in forgotten:
            self._tell(Ended(attempt, None, FailureKind.CANCELLED, "cancelled before it began"))
        for worker in running:
            worker.terminate()
            self._enforce(worker)

    def shutdown(self) -> None:
        """End everything, and wait until it has ended."""
        with self._lock:
            attempts = [*self._waiting, *self._running]
            watchers = list(self._watchers)
        self.cancel(attempts)
        for watcher in watchers:
            watcher.join()

    def _enforce(self, worker: subprocess.Popen[bytes]) -> None:
        def kill() -> None:
            if worker.poll() is None:
                end_group(worker.pid)

        timer = threading.Timer(_GRACE_SECONDS, kill)
        timer.daemon = True
        timer.start()

    def _start_some(self) -> None:
        if self._setup is None:
            raise InternalError("the batch system was used before it was started")
        while self._waiting and len(self._running) < self._slots:
            attempt, _ = self._waiting.popitem(last=False)
            command = self._command(self._setup.locator, attempt)
            said = self._setup.work_dir / f"worker-{attempt}.err"
            with said.open("wb") as errors:
                worker = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
                )
            self._running[attempt] = worker
            watcher = threading.Thread(target=self._watch, args=(attempt, worker, said), daemon=True)
            self._watchers.add(watcher)
            watcher.start()

    def _watch(self, attempt: AttemptId, worker: subprocess.Popen[bytes], said: Path) -> None:
        self._tell(Started(attempt, "here"))
        status = worker.wait()
        end_group(worker.pid)
        with self._lock:
            del self._running[attempt]
            self._watchers.discard(threading.current_thread())
            is_cancelled = attempt in self._cancelled
            self._cancelled.discard(attempt)
            self._start_some()
        kind = FailureKind.CANCELLED if is_cancelled else FailureKind.LOST
        detail = ": ".join([f"its worker ended with status {status}", *_last_line(said)])
        self._tell(Ended(attempt, None, kind, detail, status))

    def _tell(self, update: Update) -> None:
        if self._report is not None:
            self._report(update)


def _last_line(path: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError):  # the run's work directory may be gone
        return path.read_text(errors="replace").splitlines()[-1:]
    return []


SPEC = BatchSystemSpec(
    name="detached",
    summary="Workers on this machine that outlive their leader, for tests.",
    load=lambda: DetachedBatchSystem,
)
