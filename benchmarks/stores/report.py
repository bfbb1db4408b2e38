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


@dataclass
class Found:
    """All about one server, as far as it is measured."""

    shown: str
    size: str
    course: Course
    jobs: JobsRun | None = None


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
                speed = _speed(found.course, case) if name == OURS else ""
                figures = f"{wall:.2f} | {cpu:.2f} | {server:.2f} | {peak:.0f} | {speed}"
                lines.append(f"| {found.shown} | {_case(found, case)} | {name} | {figures} |")
    return "\n".join(lines) + "\n"


def _summary(results: Sequence[Found]) -> str:
    lines = [
        "| store | up | down | small up | small down | requests a job | our peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in results:
        speeds = [_speed(found.course, case) for case in CASES]
        jobs = f"{found.jobs.requests / found.jobs.count:.3f} of {found.jobs.count}" if found.jobs else ""
        peak = max((_peak(trips) for (_, name), trips in found.course.trips.items() if name == OURS), default=0.0)
        lines.append(f"| {found.shown} | {' | '.join(speeds)} | {jobs} | {peak:.0f} |")
    return "\n".join(lines) + "\n"


def _checks(results: Sequence[Found]) -> str:
    lines = ["| store | contestant | verifies |", "|---|---|---|"]
    for found in results:
        for name, entry in found.course.entries.items():
            lines.append(f"| {found.shown} | {name} | {entry.verifies} |")
    return "\n".join(lines) + "\n"


def _case(found: Found, case: str) -> str:
    word = {"put": "up", "get": "down"}.get(case)
    return f"{found.course.count} small {word}" if word else f"{found.size} {case}"


def _speed(course: Course, case: str) -> str:
    """How fast we are beside the fastest of the others; above 1 we are faster."""
    walls = {
        name: _median(trips, lambda one: one.wall_seconds)
        for (measured, name), trips in course.trips.items()
        if measured == case
    }
    mine = walls.pop(OURS, 0.0)
    return f"{min(walls.values()) / mine:.2f}" if mine and walls else ""


def _median(trips: Sequence[Trip], figure: Callable[[Trip], float]) -> float:
    return statistics.median(figure(trip) for trip in trips)


def _peak(trips: Sequence[Trip]) -> float:
    return max(trip.peak_bytes for trip in trips) / 2**20
