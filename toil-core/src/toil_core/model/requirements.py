"""What a job needs to run, and what a place has to give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toil_core.model.units import format_bytes


@dataclass(frozen=True, slots=True)
class Accelerator:
    """So many devices of a kind: ``Accelerator(1, "gpu", model="nvidia-tesla-k80")``.

    An empty ``brand``, ``api`` or ``model`` means any.
    """

    count: int
    kind: str = "gpu"
    brand: str = ""
    api: str = ""
    model: str = ""

    def satisfied_by(self, other: Accelerator) -> bool:
        """Whether a device like ``other`` (its count aside) will do."""
        return self.kind == other.kind and all(
            not mine or mine == theirs
            for mine, theirs in ((self.brand, other.brand), (self.api, other.api), (self.model, other.model))
        )


def allotted(wanted: Sequence[Accelerator], devices: Sequence[Accelerator]) -> list[int] | None:
    """Which of the devices to give to a job that wants these, by their places; ``None`` if they are not enough.

    Who is particular is served first.
    """
    free = dict(enumerate(devices))
    given: list[int] = []
    for one in sorted(wanted, key=lambda one: (not one.model, not one.brand, not one.api)):
        found = [place for place, device in free.items() if one.satisfied_by(device)][: one.count]
        if len(found) < one.count:
            return None
        for place in found:
            del free[place]
        given += found
    return given


_APIS = ("cuda", "rocm", "opencl")
_BRANDS = ("nvidia", "amd")


def parse_accelerator(text: str) -> Accelerator:
    """``2``, ``gpu:2``, ``nvidia:2``, ``cuda:2`` or ``nvidia-tesla-k80:1``; without a number it is one."""
    which, _, count = text.rpartition(":")
    if not count.isdigit():
        which, count = text, "1"
    if which in _APIS:
        return Accelerator(int(count), api=which)
    if which in _BRANDS:
        return Accelerator(int(count), brand=which)
    return Accelerator(int(count), model="" if which in ("", "gpu") else which)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a job asks for. ``None`` means: the run's default.

    ``cores`` may be a fraction; ``memory`` and ``disk`` are bytes; ``time_limit_seconds`` is wall
    time, 0 for no limit; ``enforce_memory`` says whether exceeding ``memory`` fails the attempt.
    """

    cores: float | None = None
    memory: int | None = None
    disk: int | None = None
    accelerators: tuple[Accelerator, ...] | None = None
    preemptible: bool | None = None
    time_limit_seconds: float | None = None
    enforce_memory: bool | None = None

    def filled(self, defaults: Resources) -> Resources:
        """These requirements with every gap filled from ``defaults``."""
        return Resources(
            cores=defaults.cores if self.cores is None else self.cores,
            memory=defaults.memory if self.memory is None else self.memory,
            disk=defaults.disk if self.disk is None else self.disk,
            accelerators=defaults.accelerators if self.accelerators is None else self.accelerators,
            preemptible=defaults.preemptible if self.preemptible is None else self.preemptible,
            time_limit_seconds=(
                defaults.time_limit_seconds if self.time_limit_seconds is None else self.time_limit_seconds
            ),
            enforce_memory=defaults.enforce_memory if self.enforce_memory is None else self.enforce_memory,
        )


@dataclass(frozen=True, slots=True)
class Resources:
    """Requirements without gaps; also what a node, or the largest node, has."""

    cores: float = 1.0
    memory: int = 2 * 1024**3
    disk: int = 2 * 1024**3
    accelerators: tuple[Accelerator, ...] = ()
    preemptible: bool = False
    time_limit_seconds: float = 0.0
    enforce_memory: bool = True

    def with_memory(self, memory: int) -> Resources:
        """The same with another amount of memory, in bytes."""
        return replace(self, memory=memory)

    def with_time_limit(self, seconds: float) -> Resources:
        """The same with another time limit."""
        return replace(self, time_limit_seconds=seconds)

    def within(self, seconds: float) -> Resources:
        """The same with no more time than that; 0 for any."""
        if not seconds or 0 < self.time_limit_seconds <= seconds:
            return self
        return self.with_time_limit(seconds)

    def shortfall(self, capacity: Resources) -> str:
        """Why a job with these needs can never fit into ``capacity``; empty if it can."""
        lacking = []
        if self.cores > capacity.cores:
            lacking.append(f"{self.cores:g} cores of {capacity.cores:g}")
        if self.memory > capacity.memory:
            lacking.append(f"{format_bytes(self.memory)} memory of {format_bytes(capacity.memory)}")
        if self.disk > capacity.disk:
            lacking.append(f"{format_bytes(self.disk)} disk of {format_bytes(capacity.disk)}")
        for wanted in self.accelerators:
            there = sum(a.count for a in capacity.accelerators if wanted.satisfied_by(a))
            if wanted.count > there:
                lacking.append(f"{wanted.count} {wanted.model or wanted.kind} of {there}")
        if len(self.accelerators) > 1 and not lacking:
            devices = [a for a in capacity.accelerators for _ in range(a.count)]
            if allotted(self.accelerators, devices) is None:
                lacking.append(f"{sum(a.count for a in self.accelerators)} accelerators of {len(devices)}")
        return ", ".join(lacking)
