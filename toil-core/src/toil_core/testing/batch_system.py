"""The contract kit of batch systems. A backend's test inherits ``BatchSystemContract``."""

from __future__ import annotations

import json
import os
import queue
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from toil_core.api.batch_system import BatchSetup, BatchSystem, Ended, Started, Update, WorkerHost
from toil_core.deployment.collecting import Collected, OwnCode
from toil_core.deployment.own_files import SentFile
from toil_core.deployment.sending import send
from toil_core.local.file_storage import FileStorage
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind, Outcome
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources
from toil_core.store.job_store import JobStore
from toil_core.system.processes import start_time

_SMALL = Resources(cores=1.0, memory=256 * 1024**2, disk=1024**2)


class NoHost:
    """Stands in for the worker host where a batch system has no use for one."""

    def run(self, order: WorkOrder, report: Callable[[Update], None]) -> None:
        """Nobody should ask."""
        raise AssertionError("this batch system uses the worker host: override the fixture `host`")

    def cancel(self, attempt: AttemptId) -> None:
        """Nobody should ask."""
        raise AssertionError("this batch system uses the worker host: override the fixture `host`")


class Desk:
    """A started batch system, its job store, and what it has reported. Used by one thread."""

    def __init__(self, batch: BatchSystem, store: JobStore, setup: BatchSetup, timeout_seconds: float) -> None:
        self.batch = batch
        self._store = store
        self._setup = setup
        self._timeout = timeout_seconds
        self._reports: queue.SimpleQueue[Update] = queue.SimpleQueue()
        self._numbers = 0
        self.updates: list[Update] = []
        batch.start(setup, self._reports.put)

    def send(self, module: str, text: str, folder: Path) -> str:
        """Put a module into the job store as code that workers lack; what orders call it."""
        (folder / f"{module}.py").write_text(text)
        own = OwnCode("", ("0",), (SentFile(str(folder / f"{module}.py"), f"0/{module}.py"),))
        return send(Collected(own, (), ()), self._store.storage)[0]

    def order(self, body: str, payload: str = "", deployment: str = "") -> WorkOrder:
        """An order for a body of ``toil_core.testing.bodies``, in the job store as workers expect it."""
        self._numbers += 1
        job = JobDescription(JobId(str(self._numbers)), body, f"toil_core.testing.bodies:{body}", Payload(text=payload))
        order = WorkOrder(AttemptId(f"1.{self._numbers}"), job, _SMALL, deployment=deployment)
        self._store.put_order(order)
        return order

    def hold(self) -> tuple[WorkOrder, Path]:
        """An order that runs until it is ended, and the named pipe to which it tells its processes."""
        pipe = self._setup.work_dir / f"pipe-{self._numbers + 1}"
        os.mkfifo(pipe)
        return self.order("hold", str(pipe)), pipe

    def ended(self, count: int) -> dict[AttemptId, Ended]:
        """Wait until so many attempts have ended in all."""
        while len(found := {one.attempt: one for one in self.updates if isinstance(one, Ended)}) < count:
            try:
                self.updates.append(self._reports.get(timeout=self._timeout))
            except queue.Empty:
                raise AssertionError(f"{len(found)} of {count} attempts ended in {self._timeout} s") from None
        return found

    def all_updates(self) -> list[Update]:
        """Everything reported up to now."""
        while not self._reports.empty():
            self.updates.append(self._reports.get())
        return self.updates

    def outcome(self, order: WorkOrder, ended: Ended) -> Outcome | None:
        """What the worker returned, by whichever way."""
        return ended.outcome or self._store.outcome(order.job.id, order.attempt)


class BatchSystemContract:
    """What every batch system promises, as tests to inherit::

        class TestMyBatchSystem(BatchSystemContract):
            slots = 2

            @pytest.fixture
            def batch_system(self) -> BatchSystem:
                return MyBatchSystem(MyOptions())

    Its workers must see the job store in ``tmp_path`` and run on this machine, since their processes
    are looked for. Override ``host`` if it lends workers from the leader's machine.
    """

    slots: ClassVar[int] = 2
    """How many orders of one core run at a time."""

    timeout_seconds: ClassVar[float] = 60.0
    """How long an attempt of a trivial job may take to be reported."""

    @pytest.fixture
    def batch_system(self) -> BatchSystem:
        """One that was not started."""
        raise NotImplementedError("override the fixture `batch_system`")

    @pytest.fixture
    def host(self, tmp_path: Path) -> WorkerHost:
        """The leader's warm workers, for the job store ``tmp_path / "store"``."""
        return NoHost()

    @pytest.fixture
    def desk(self, batch_system: BatchSystem, host: WorkerHost, tmp_path: Path) -> Iterator[Desk]:
        """The batch system at work."""
        locator = f"file:{tmp_path / 'store'}"
        store = JobStore(FileStorage(str(tmp_path / "store")), locator, appends=True)
        run = store.create()
        work_dir = tmp_path / "work"
        work_dir.mkdir(exist_ok=True)
        desk = Desk(batch_system, store, BatchSetup(str(run), locator, work_dir, host), self.timeout_seconds)
        yield desk
        batch_system.shutdown()

    def test_an_order_runs_and_ends_with_what_its_body_returned(self, desk: Desk) -> None:
        order = desk.order("echo", "hello")
        desk.batch.issue([order])
        outcome = desk.outcome(order, desk.ended(1)[order.attempt])
        assert outcome is not None
        assert outcome.failure is None
        assert outcome.value == Payload(text="hello")

    def test_a_worker_takes_in_the_code_that_its_order_names(self, desk: Desk, tmp_path: Path) -> None:
        code = desk.send("toil_sent_module", "VALUE = 'sent'\n", tmp_path)
        order = desk.order("import_module", "toil_sent_module", code)
        desk.batch.issue([order])
        outcome = desk.outcome(order, desk.ended(1)[order.attempt])
        assert outcome is not None
        assert outcome.failure is None
        assert outcome.value == Payload(text="sent")

    def test_a_body_that_raises_ends_with_its_error(self, desk: Desk) -> None:
        order = desk.order("fail", "no such gene")
        desk.batch.issue([order])
        outcome = desk.outcome(order, desk.ended(1)[order.attempt])
        assert outcome is not None
        assert outcome.failure is not None
        assert outcome.failure.kind is FailureKind.ERROR
        assert "no such gene" in outcome.failure.message

    def test_every_order_ends_once_and_starts_before(self, desk: Desk) -> None:
        orders = [desk.order("echo", str(number)) for number in range(3 * self.slots + 1)]
        desk.batch.issue(orders[:2])
        desk.batch.issue(orders[2:])
        desk.ended(len(orders))
        desk.batch.shutdown()
        seen: set[AttemptId] = set()
        for update in desk.all_updates():
            if isinstance(update, Started):
                assert update.attempt not in seen
            elif isinstance(update, Ended):
                seen.add(update.attempt)
        ends = Counter(update.attempt for update in desk.updates if isinstance(update, Ended))
        assert ends == Counter(order.attempt for order in orders)

    def test_a_worker_that_vanishes_ends_as_lost(self, desk: Desk) -> None:
        order = desk.order("die")
        desk.batch.issue([order])
        ended = desk.ended(1)[order.attempt]
        assert desk.outcome(order, ended) is None
        assert ended.kind is FailureKind.LOST
        assert ended.detail
        after = desk.order("echo", "still here")
        desk.batch.issue([after])
        assert desk.outcome(after, desk.ended(2)[after.attempt]) is not None

    def test_a_running_attempt_that_is_cancelled_ends_with_all_its_processes(self, desk: Desk) -> None:
        order, pipe = desk.hold()
        desk.batch.issue([order])
        processes = json.loads(pipe.read_text())
        assert all(start_time(process) for process in processes)
        desk.batch.cancel([order.attempt])
        ended = desk.ended(1)[order.attempt]
        assert ended.kind is FailureKind.CANCELLED
        assert desk.outcome(order, ended) is None
        assert not [process for process in processes if start_time(process)]

    def test_a_waiting_order_that_is_cancelled_never_runs(self, desk: Desk) -> None:
        held = [desk.hold() for _ in range(self.slots)]
        waiting = desk.order("echo")
        desk.batch.issue([order for order, _ in held])
        for _, pipe in held:
            pipe.read_text()
        desk.batch.issue([waiting])
        desk.batch.cancel([waiting.attempt])
        ended = desk.ended(1)[waiting.attempt]
        assert ended.kind is FailureKind.CANCELLED
        assert desk.outcome(waiting, ended) is None
        desk.batch.cancel([order.attempt for order, _ in held])
        desk.ended(1 + self.slots)

    def test_cancelling_what_is_unknown_or_over_is_no_error(self, desk: Desk) -> None:
        order = desk.order("echo")
        desk.batch.cancel([AttemptId("9.9")])
        desk.batch.issue([order])
        desk.ended(1)
        desk.batch.cancel([order.attempt])
        desk.batch.shutdown()
        assert sum(isinstance(update, Ended) for update in desk.all_updates()) == 1

    def test_shutdown_ends_what_runs_and_what_waits_and_may_be_called_twice(self, desk: Desk) -> None:
        held = [desk.hold() for _ in range(self.slots)]
        waiting = [desk.order("echo") for _ in range(3)]
        desk.batch.issue([order for order, _ in held])
        processes = [process for _, pipe in held for process in json.loads(pipe.read_text())]
        desk.batch.issue(waiting)
        desk.batch.shutdown()
        desk.batch.shutdown()
        ended = desk.ended(self.slots + 3)
        assert {one.kind for one in ended.values()} == {FailureKind.CANCELLED}
        assert not [process for process in processes if start_time(process)]

    def test_the_capacity_is_enough_for_a_small_job(self, desk: Desk) -> None:
        assert _SMALL.shortfall(desk.batch.capacity()) == ""
