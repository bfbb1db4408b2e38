"""Where a plugin comes from: its entry point, and the distribution that declares that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from toil_core.plugins.markers import PROJECT


@dataclass(frozen=True, slots=True)
class Source:
    """An entry point, and the module of hooks that it names: ``None`` if that cannot be imported."""

    name: str
    value: str
    module: Any  # a module of hooks; pluggy looks into it

    @property
    def distribution(self) -> str:
        """The name of the distribution that declares the entry point."""
        return _owners().get((self.name, self.value), ("?", "?"))[0]

    @property
    def version(self) -> str:
        """The version of that distribution."""
        return _owners().get((self.name, self.value), ("?", "?"))[1]


@cache
def _owners() -> dict[tuple[str, str], tuple[str, str]]:
    """Distribution and version by entry point; asked for seldom, since it reads every distribution's metadata."""
    return {
        (point.name, point.value): (point.dist.name, point.dist.version)
        for point in entry_points(group=PROJECT)
        if point.dist is not None
    }
