"""Who may run now on one machine, as a pure machine: orders in, orders out.

Waiting orders are kept in classes of equal resources, so that a step costs as many looks as there are
different classes, however many orders wait. The order that has waited longest is never overtaken by
something that takes what it waits for: when it does not fit, what is free of each resource it lacks is
kept for it, and only orders that leave enough for it may start. But where nothing runs but services, whatever
fits may start: it may be what they wait for to stop.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.requirements import Accelerator, Resources, allotted

_Key = tuple[float, int, int, tuple[Accelerator, ...], bool]

_EPSILON = 1e-9
"""Fractions of cores are added and subtracted; this is less than any fraction that matters."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device, and by which variable and name a process is told to use it."""

    kind: Accelerator
    variable: str
    name: str


@dataclass(slots=True)
class _Free:
    cores: float
    memory: int
    disk: int
    devices: list[Device]

    def fits(self, wanted: Resources) -> bool:
        return (
            wanted.cores <= self.cores + _EPSILON
            and wanted.memory <= self.memory
            and wanted.disk <= self.disk
            and (not wanted.accelerators or self._places(wanted) is not None)
        )

    def take(self, wanted: Resources) -> tuple[Device, ...]:
        self.cores -= wanted.cores
        self.memory -= wanted.memory
        self.disk -= wanted.disk
        taken = [self.devices[place] for place in self._places(wanted) or ()]
        self.devices = [device for device in self.devices if device not in taken]
        return tuple(taken)

    def give_back(self, held: Resources, devices: Sequence[Device]) -> None:
        self.cores += held.cores
        self.memory += held.memory
        self.disk += held.disk
        self.devices += devices

    def _places(self, wanted: Resources) -> list[int] | None:
        return allotted(wanted.accelerators, [device.kind for device in self.devices])


class Admission:
    """Admits orders by cores, memory, disk and accelerators. Used by one thread at a time."""

    def __init__(self, capacity: Resources, devices: Sequence[Device] = ()) -> None:
        """``devices`` are those that ``capacity`` counts."""
        self._free = _Free(capacity.cores, capacity.memory, capacity.disk, list(devices))
        self._waiting: dict[_Key, deque[tuple[int, WorkOrder]]] = {}
        self._numbers = itertools.count()
        self._running: dict[AttemptId, tuple[Resources, tuple[Device, ...]]] = {}
        self._services: set[AttemptId] = set()
        self._withdrawn: set[AttemptId] = set()
        self._known: set[AttemptId] = set()

    def add(self, order: WorkOrder) -> None:
        """Have an order wait. It must fit into the whole capacity."""
        needs = order.resources
        key = (needs.cores, needs.memory, needs.disk, needs.accelerators, order.job.serves is not None)
        self._waiting.setdefault(key, deque()).append((next(self._numbers), order))
        self._known.add(order.attempt)

    def withdraw(self, attempt: AttemptId) -> bool:
        """Take a waiting order back; whether it was waiting."""
        if attempt not in self._known:
            return False
        self._known.discard(attempt)
        self._withdrawn.add(attempt)
        return True

    def waiting(self) -> list[AttemptId]:
        """The attempts that have not started, in no promised order."""
        return list(self._known)

    def start(self) -> list[WorkOrder]:
        """The orders that may run from now on, oldest first."""
        started = self._start_in_turn()
        while len(self._services) == len(self._running) and (key := self._first_that_fits()) is not None:
            started.append(self._begin(key))
        return started

    def _start_in_turn(self) -> list[WorkOrder]:
        started: list[WorkOrder] = []
        barrier: Resources | None = None
        blocked: set[_Key] = set()
        while True:
            key = self._oldest(blocked)
            if key is None:
                return started
            _, order = self._waiting[key][0]
            if not self._may_start(order.resources, barrier):
                barrier = barrier or order.resources
                blocked.add(key)
                continue
            started.append(self._begin(key))

    def _begin(self, key: _Key) -> WorkOrder:
        _, order = self._waiting[key][0]
        self._pop(key)
        self._known.discard(order.attempt)
        self._running[order.attempt] = (order.resources, self._free.take(order.resources))
        if order.job.serves is not None:
            self._services.add(order.attempt)
        return order

    def release(self, attempt: AttemptId) -> None:
        """Give back what a running order held; unknown ones are no error."""
        self._services.discard(attempt)
        held = self._running.pop(attempt, None)
        if held is not None:
            self._free.give_back(*held)

    def devices_of(self, attempt: AttemptId) -> Sequence[Device]:
        """What a running order has been given to itself."""
        return self._running[attempt][1]

    def _may_start(self, wanted: Resources, barrier: Resources | None) -> bool:
        if not self._free.fits(wanted):
            return False
        if barrier is None:
            return True
        free = self._free
        return (
            _leaves(free.cores, wanted.cores, barrier.cores, _EPSILON)
            and _leaves(free.memory, wanted.memory, barrier.memory)
            and _leaves(free.disk, wanted.disk, barrier.disk)
            and not (wanted.accelerators and barrier.accelerators)
        )

    def _oldest(self, blocked: set[_Key]) -> _Key | None:
        best: _Key | None = None
        best_number = -1
        for key in list(self._waiting):
            if key in blocked:
                continue
            self._drop_withdrawn(key)
            if key not in self._waiting:
                continue
            number = self._waiting[key][0][0]
            if best is None or number < best_number:
                best, best_number = key, number
        return best

    def _first_that_fits(self) -> _Key | None:
        """Jobs before services, which keep what they take until their own jobs are done; the oldest of them."""
        for key in list(self._waiting):
            self._drop_withdrawn(key)
        fitting = [key for key, queue in self._waiting.items() if self._free.fits(queue[0][1].resources)]
        return min(fitting, key=lambda key: (key[-1], self._waiting[key][0][0]), default=None)

    def _drop_withdrawn(self, key: _Key) -> None:
        queue = self._waiting[key]
        while queue and queue[0][1].attempt in self._withdrawn:
            self._withdrawn.discard(queue.popleft()[1].attempt)
        if not queue:
            del self._waiting[key]

    def _pop(self, key: _Key) -> None:
        queue = self._waiting[key]
        queue.popleft()
        if not queue:
            del self._waiting[key]


def _leaves(free: float, wanted: float, reserved: float, tolerance: float = 0.0) -> bool:
    """Whether taking something delays nobody who waits for ``reserved``: of what that one lacks nothing
    may be taken, of what there is enough of the rest may."""
    if reserved > free + tolerance:
        return wanted == 0
    return reserved <= free - wanted + tolerance
