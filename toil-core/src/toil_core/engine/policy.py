"""The choices of a run that decide about retries and resources."""

from __future__ import annotations

from dataclasses import dataclass

from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Resources

LOST_LIMIT = 5
"""Tries that may be lost through no fault of the job before it is taken to be the job's fault."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``retries``: tries after the first failed one. ``defaults``: for requirements a job leaves open.
    ``double_memory``: ask for twice the memory after a kill for memory. ``double_time``: give twice the
    time after an end for time; ``longest_seconds``: but never more than that, 0 for no limit.
    ``unlimited_preemptible``: a preempted try never counts."""

    retries: int = 1
    defaults: Resources = Resources()
    double_memory: bool = False
    stop_on_first_failure: bool = False
    unlimited_preemptible: bool = False
    double_time: bool = False
    longest_seconds: float = 0.0


def counts_as(kind: FailureKind, policy: Policy) -> str:
    """Which allowance a failure uses up: ``none``, ``lost``, ``tries`` or ``all``."""
    if kind in (FailureKind.PERMANENT, FailureKind.UNSUPPORTED):
        return "all"
    if kind is FailureKind.LOST:
        return "lost"
    if kind is FailureKind.PREEMPTED and policy.unlimited_preemptible:
        return "none"
    return "tries"
