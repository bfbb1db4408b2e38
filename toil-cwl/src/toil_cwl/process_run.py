"""A process that ran, as provenance tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toil_cwl.values import Object


@dataclass(frozen=True, slots=True)
class ProcessRun:
    """A process that ran: on what, to what, and when, in seconds since 1970.

    ``image``: of its container, empty for none. ``plan``: of a workflow, the names of its steps; ``None`` for
    a tool. ``steps``: their runs, with names of which no two are the same.
    """

    name: str
    inputs: Object
    outputs: Object
    started: float
    ended: float
    image: str = ""
    is_reused: bool = False
    plan: Sequence[str] | None = None
    steps: Sequence[ProcessRun] = ()
