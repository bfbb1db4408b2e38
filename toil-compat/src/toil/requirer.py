"""What jobs, services and descriptions of jobs have in common: requirements, by upstream's names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from toil_core.errors import UsageError

if TYPE_CHECKING:
    from typing_extensions import Self

REQUIREMENTS = ("memory", "cores", "disk", "accelerators", "preemptible", "walltime")

_SCALED = ("memory", "cores", "disk")


class Requirement:
    """One requirement as an attribute of a ``Requirer``."""

    def __init__(self, name: str, doc: str) -> None:
        self._name = name
        self.__doc__ = doc

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Requirer, owner: type) -> Any: ...
    def __get__(self, instance: Requirer | None, owner: type) -> Any:
        return self if instance is None else instance._required(self._name)

    def __set__(self, instance: Requirer, value: Any) -> None:
        instance._require(self._name, value)


class Requirer:
    """Has requirements: of what runs what it has been given, else what it asks for, ``None`` if it does
    not say. A promise may stand for each."""

    memory = Requirement("memory", "Bytes of memory.")
    cores = Requirement("cores", "The number of cores; whole numbers are ``int``.")
    disk = Requirement("disk", "Bytes of disk.")
    accelerators = Requirement("accelerators", "The accelerators.")
    preemptible = Requirement("preemptible", "Whether it may run where nodes can be taken back.")
    preemptable = Requirement("preemptible", "``preemptible`` by its older name.")
    walltime = Requirement("walltime", "Seconds that it may take; none or 0 is without limit.")

    @property
    def requirements(self) -> Mapping[str, Any]:
        """All requirements that it has, by name."""
        known = {name: self._required(name) for name in REQUIREMENTS}
        return {name: value for name, value in known.items() if value is not None}

    def scale(self, requirement: str, factor: float) -> Self:
        """A copy with another amount of memory, cores or disk. Raises ``UsageError`` for what has no amount,
        or one that is not known."""
        amount = self._required(requirement) if requirement in _SCALED else None
        if not isinstance(amount, (int, float)):
            raise UsageError(f"{self} has no amount of {requirement} to scale", "Set it first: memory, cores or disk")
        scaled = copy.copy(self)
        scaled._require(requirement, amount * factor if requirement == "cores" else int(amount * factor))
        return scaled

    def _required(self, name: str) -> Any:
        raise NotImplementedError

    def _require(self, name: str, value: Any) -> None:
        raise NotImplementedError
