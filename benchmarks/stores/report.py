"""What was measured, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.stores.contestant import OURS
from benchmarks.stores.jobs import JobsRun
from benchmarks.stores.trip import Trip
from benchmarks.stores.turns import CASES, Course

_HEAD = "| store | case | contestant | wall s | client's CPU s | server's CPU s | peak MiB | speed, ours : best |"


@dataclass(frozen=True)
class Found:
    """All about one server."""

    shown: str
    size: str
    course: Course
    jobs: JobsRun | None


def report(results: Sequence[Found]) -> str:
    """Three tables: every figure, what was to be reached, and who checks what."""
    return "\n".join([_figures(results), _summary(results), _checks(results)])


def _figures(results: Sequence[Found]) -> str:
    lines = [_HEAD, "|---|---|---|---|---|---|---|---|"]
    for found in results:
        for case in CASES:
            for (measured, name), trips in found.course.trips.items():
                if measured != case:
                    continue
                wall, cpu = _median(trips, lambda one: one.wall_seconds), _median(trips, lambda one: one.cpu_seconds)
                server = statistics.median(found.course.server_seconds[case, name])
                peak = _peak(trips)
                speed = f"{_speed(found.course, case):.2f}" if name == OURS else ""
                figures = f"{wall:.2f} | {cpu:.2f} | {server:.2f} | {peak:.0f} | {speed}"
                lines.append(f"| {found.shown} | {_case(found, case)} | {name} | {figures} |")
    return "\n".join(lines) + "\n"


def _summary(results: Sequence[Found]) -> str:
    lines = [
        "| store | up | down | small up | small down | requests a job | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in results:
        speeds = [f"{_speed(found.course, case):.2f}" for case in CASES if (case, OURS) in found.course.trips]
        jobs = f"{found.jobs.requests / found.jobs.count:.3f} of {found.jobs.count}" if found.jobs else ""
        peak = max((_peak(trips) for (_, name), trips in found.course.trips.items() if name == OURS), default=0.0)
        lines.append(f"| {found.shown} | {' | '.join(speeds)} | {jobs} | {peak:.0f} |")
    return "\n".join(lines) + "\n"


def _checks(results: Sequence[Found]) -> str:
    lines = ["| store | contestant | verifies |", "|---|---|---|"]
    for found in results:
        for name, entry in found.course.service.entries.items():
            lines.append(f"| {found.shown} | {name} | {entry.verifies} |")
    return "\n".join(lines) + "\n"


def _case(found: Found, case: str) -> str:
    return f"{found.size} {case}" if case in ("up", "down") else f"{found.course.count} small, {case}"


def _speed(course: Course, case: str) -> float:
    """How fast we are beside the fastest of the others; above 1 we are faster."""
    walls = {
        name: _median(trips, lambda one: one.wall_seconds)
        for (measured, name), trips in course.trips.items()
        if measured == case
    }
    mine = walls.pop(OURS)
    return min(walls.values()) / mine


def _median(trips: Sequence[Trip], figure: Callable[[Trip], float]) -> float:
    return statistics.median(figure(trip) for trip in trips)


def _peak(trips: Sequence[Trip]) -> float:
    return max(trip.peak_bytes for trip in trips) / 2**20
