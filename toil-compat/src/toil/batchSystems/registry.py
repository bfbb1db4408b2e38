"""Where scripts registered batch systems of their own: here they are plugins."""

from __future__ import annotations

from typing import Any, NoReturn

from toil.exceptions import not_there
from toil_core.plugins.manager import PluginManager

_CURE = "Write a plugin with toil_core.api.batch_system; docs/contracts/batch_system.md tells how"


def add_batch_system_factory(key: str, class_factory: Any) -> NoReturn:
    """Not there. Raises ``UnsupportedFeature`` that says what is."""
    raise not_there(f"add_batch_system_factory, wanted for {key}", _CURE)


def get_batch_systems() -> list[str]:
    """The names of installed batch systems."""
    return [spec.name for spec in PluginManager.load().all("batch system")]
