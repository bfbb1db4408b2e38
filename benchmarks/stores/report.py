"""What was measured, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.stores.contestant import OURS
from benchmarks.stores.jobs import JobsRun
from benchmarks.stores.trip import Trip
from benchmarks.stores.turns import CASES, Course

_HEAD = (
    "| store | case | contestant | wall s | client's CPU s | server's CPU s | peak MiB"
    " | speed, ours : best | the same by CPU of both |"
)


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
    lines = [_HEAD, "|---|---|---|---|---|---|---|---|---|"]
    for found in results:
        for case in CASES:
            for (measured, name), trips in found.course.trips.items():
                if measured != case:
                    continue
                cpu = statistics.median(trip.cpu_seconds for trip in trips)
                server = statistics.median(found.course.server_seconds[case, name])
                speeds = [_speed(found.course, case, cost) if name == OURS else "" for cost in (_wall, _work)]
                figures = f"{_wall(found.course, case, name):.2f} | {cpu:.2f} | {server:.2f} | {_peak(trips):.0f}"
                figures += f" | {' | '.join(speeds)}"
                lines.append(f"| {found.shown} | {_case(found, case)} | {name} | {figures} |")
    return "\n".join(lines) + "\n"


def _summary(results: Sequence[Found]) -> str:
    lines = [
        "| store | up | down | small up | small down | requests a job | our peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in results:
        speeds = [_speed(found.course, case, _wall) for case in CASES]
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


def _speed(course: Course, case: str, cost: Callable[[Course, str, str], float]) -> str:
    """How fast we are beside the fastest of the others; above 1 we are faster."""
    costs = {name: cost(course, case, name) for measured, name in course.trips if measured == case}
    mine = costs.pop(OURS, 0.0)
    return f"{min(costs.values()) / mine:.2f}" if mine and costs else ""


def _wall(course: Course, case: str, name: str) -> float:
    return statistics.median(trip.wall_seconds for trip in course.trips[case, name])


def _work(course: Course, case: str, name: str) -> float:
    """Seconds of the processors, client and server together: what other work beside disturbs least."""
    pairs = zip(course.trips[case, name], course.server_seconds[case, name], strict=False)
    return statistics.median(trip.cpu_seconds + server for trip, server in pairs)


def _peak(trips: Sequence[Trip]) -> float:
    return max(trip.peak_bytes for trip in trips) / 2**20
