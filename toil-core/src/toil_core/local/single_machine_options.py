"""Options of the batch system ``single_machine``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from toil_core.api.options import option
from toil_core.model.units import format_bytes, parse_bytes, parse_cores


def _show(size: int | None) -> str:
    return "" if size is None else format_bytes(size)


def _factor(text: str) -> float:
    factor = float(text)
    if not factor > 0:
        raise ValueError("not above 0")
    return factor


@dataclass(frozen=True)
class SingleMachineOptions:
    """How much of this machine jobs may use."""

    GROUP: ClassVar[str] = "Batch system single_machine"

    max_cores: float | None = option(None, "Use at most this many cores; all there are by default.", parse=parse_cores)
    scale: float = option(
        1.0, "Count every core that a job asks for as this many of the machine's.", parse=_factor, metavar="FACTOR"
    )
    max_memory: int | None = option(
        None, "Use at most this much memory; all there is by default.", parse=parse_bytes, show=_show, metavar="SIZE"
    )
    max_disk: int | None = option(
        None, "Use at most this much disk; all that is free by default.", parse=parse_bytes, show=_show, metavar="SIZE"
    )
