"""Measurements as a Markdown table: medians, and how they compare."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

from benchmarks.cases import Case
from benchmarks.measure import Usage

HEAD = "| case | contestant | wall s | CPU s | peak MiB | jobs/s | wall, ours : theirs | CPU, ours : theirs |"


def as_markdown(results: Sequence[tuple[Case, Mapping[str, Sequence[Usage]]]], ours: str) -> str:
    """A line for each case and contestant."""
    lines = [HEAD, "|---|---|---|---|---|---|---|---|"]
    for case, by_name in results:
        mine = by_name[ours]
        for name, usages in by_name.items():
            wall, cpu = median(usages, lambda one: one.wall_seconds), median(usages, lambda one: one.cpu_seconds)
            peak = median(usages, lambda one: one.peak_bytes) / 2**20
            ratios = "| |"
            if name != ours:
                wall_ratio = median(mine, lambda one: one.wall_seconds) / wall
                cpu_ratio = median(mine, lambda one: one.cpu_seconds) / cpu
                ratios = f"{wall_ratio:.2g} | {cpu_ratio:.2g} |"
            rate = f"{case.operations / wall:.3g}" if case.operations > 1 else ""
            lines.append(f"| {case.summary} | {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {rate} | {ratios}")
    return "\n".join(lines) + "\n"


def median(usages: Sequence[Usage], figure: Callable[[Usage], float]) -> float:
    """The median of one figure."""
    return statistics.median(figure(usage) for usage in usages)
