"""Batch systems by name: those of installed plugins, and those that a script brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from toil.batchSystems.adapted import AdaptedBatchSystem, most_of
from toil_core.api.specs import BatchSystemSpec
from toil_core.errors import InternalError
from toil_core.plugins.manager import PluginManager
from toil_core.plugins.markers import hookimpl

_classes: dict[str, Any] = {}
_configure: Callable[[], Any] | None = None


def add_batch_system_factory(key: str, class_factory: Callable[[], Any]) -> None:
    """Have ``--batchSystem KEY`` mean a class of upstream's kind, see ``AbstractBatchSystem``, that the factory
    returns. To be called before options are parsed; a second call for a name replaces the class.

    Raises ``PluginError`` if a plugin has that name.
    """
    is_new = key not in _classes
    _classes[key] = class_factory()
    if is_new:
        PluginManager.load().add(key, _Hooks(key))


def get_batch_systems() -> Sequence[str]:
    """The names of batch systems."""
    return [spec.name for spec in PluginManager.load().all("batch system")]


def configured_by(configure: Callable[[], Any]) -> None:
    """Say who tells the options that the next batch system of a script is made with."""
    global _configure
    _configure = configure


class _Hooks:
    def __init__(self, key: str) -> None:
        self._key = key

    @hookimpl
    def toil_batch_systems(self) -> Sequence[BatchSystemSpec]:
        key = self._key
        return [
            BatchSystemSpec(
                name=key,
                summary="Brought by the program itself.",
                load=lambda: lambda options: _made(key),
                shares_files=not _classes[key].supportsAutoDeployment(),
            )
        ]


def _made(key: str) -> AdaptedBatchSystem:
    if _configure is None:
        raise InternalError(f"the batch system {key} was made outside of a run")
    config = _configure()
    most = most_of(config)
    return AdaptedBatchSystem(lambda: _classes[key](config, most.cores, most.memory, most.disk), most)
