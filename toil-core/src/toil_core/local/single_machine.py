"""The batch system ``single_machine``: jobs on the leader's machine, as many as fit at a time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from toil_core.api.batch_system import BatchSetup, BatchSystem, Ended, Started, Update
from toil_core.errors import InternalError
from toil_core.local.admission import Admission, Device
from toil_core.local.single_machine_options import SingleMachineOptions
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Accelerator, Resources
from toil_core.system import hardware

_SHUTDOWN_SECONDS = 30.0
"""How long to wait for processes that were killed; the kernel may keep one that waits for a dead disk."""


class SingleMachineBatchSystem(BatchSystem):
    """Admits orders by what the machine has, and hands them to the worker host. Thread-safe."""

    def __init__(self, options: SingleMachineOptions | None = None) -> None:
        self._options = options or SingleMachineOptions()
        self._setup: BatchSetup | None = None
        self._report: Callable[[Update], None] | None = None
        self._lock = threading.Lock()
        self._all_ended = threading.Condition(self._lock)
        self._running: set[AttemptId] = set()
        self._capacity: Resources | None = None
        self._devices = _devices()
        self._admission: Admission | None = None

    def start(self, setup: BatchSetup, report: Callable[[Update], None]) -> None:
        """Look at the machine."""
        self._setup = setup
        self._report = report
        self._capacity = self._measured(setup.work_dir)
        self._admission = Admission(self._capacity, self._devices)

    def capacity(self) -> Resources:
        """What the machine has, or as much of it as the options allow."""
        if self._capacity is None:
            raise InternalError("single_machine was asked before it was started")
        return self._capacity

    def issue(self, orders: Sequence[WorkOrder]) -> None:
        """Queue the orders, and start what fits."""
        with self._lock:
            admission = self._admitting()
            for order in orders:
                admission.add(order)
        self._start_what_fits()

    def waiting_for_room(self) -> Collection[AttemptId]:
        """All orders that wait: those that fit have been started."""
        with self._lock:
            return self._admitting().waiting()

    def cancel(self, attempts: Sequence[AttemptId]) -> None:
        """Withdraw waiting orders, and end running ones."""
        withdrawn, running = [], []
        with self._lock:
            for attempt in attempts:
                if self._admitting().withdraw(attempt):
                    withdrawn.append(attempt)
                elif attempt in self._running:
                    running.append(attempt)
        for attempt in withdrawn:
            self._tell(Ended(attempt, None, FailureKind.CANCELLED, "cancelled before it began"))
        for attempt in running:
            self._started().host.cancel(attempt)

    def shutdown(self) -> None:
        """End everything, and wait until its processes are gone."""
        if self._admission is None:
            return
        with self._lock:
            attempts = [*self._admission.waiting(), *self._running]
        self.cancel(attempts)
        with self._lock:
            self._all_ended.wait_for(lambda: not self._running, _SHUTDOWN_SECONDS)

    def _start_what_fits(self) -> None:
        with self._lock:
            orders = self._admitted()
        self._run(orders)

    def _update(self, update: Update) -> None:
        if not isinstance(update, Ended):
            self._tell(update)
            return
        with self._lock:  # before it is told, so that whoever is told finds nobody waiting for what is free
            self._admitting().release(update.attempt)
            orders = self._admitted()
        self._tell(update)
        with self._lock:
            self._running.discard(update.attempt)
            self._all_ended.notify_all()
        self._run(orders)

    def _admitted(self) -> list[WorkOrder]:
        admission = self._admitting()
        orders = admission.start()
        self._running.update(order.attempt for order in orders)
        return [self._with_devices(order, admission.devices_of(order.attempt)) for order in orders]

    def _with_devices(self, order: WorkOrder, devices: Sequence[Device]) -> WorkOrder:
        """The order, with the variables that tell its processes which devices are theirs, and that no others are."""
        if not order.resources.accelerators:
            return order
        names: dict[str, list[str]] = {device.variable: [] for device in self._devices}
        for device in devices:
            names[device.variable].append(device.name)
        return replace(order, environment=tuple((variable, ",".join(found)) for variable, found in names.items()))

    def _run(self, orders: Sequence[WorkOrder]) -> None:
        host = self._started().host
        for order in orders:
            self._tell(Started(order.attempt))
            host.run(order, self._update)

    def _measured(self, work_dir: Path) -> Resources:
        options = self._options
        there = Resources(hardware.cores(), hardware.memory(), hardware.disk_free(work_dir), _counted(self._devices))
        cores = there.cores if options.max_cores is None else min(options.max_cores, there.cores)
        return Resources(
            cores=cores / options.scale,
            memory=there.memory if options.max_memory is None else min(options.max_memory, there.memory),
            disk=there.disk if options.max_disk is None else min(options.max_disk, there.disk),
            accelerators=there.accelerators,
            preemptible=True,
        )

    def _admitting(self) -> Admission:
        if self._admission is None:
            raise InternalError("single_machine was used before it was started")
        return self._admission

    def _started(self) -> BatchSetup:
        if self._setup is None:
            raise InternalError("single_machine was used before it was started")
        return self._setup

    def _tell(self, update: Update) -> None:
        if self._report is not None:
            self._report(update)


def _devices() -> list[Device]:
    nvidia, amd = Accelerator(1, "gpu", "nvidia", "cuda"), Accelerator(1, "gpu", "amd", "rocm")
    return [
        *(Device(nvidia, hardware.VISIBLE_NVIDIA, name) for name in hardware.nvidia_devices()),
        *(Device(amd, hardware.VISIBLE_AMD, name) for name in hardware.amd_devices()),
    ]


def _counted(devices: Sequence[Device]) -> tuple[Accelerator, ...]:
    kinds = Counter(device.kind for device in devices)
    return tuple(replace(kind, count=count) for kind, count in kinds.items())
