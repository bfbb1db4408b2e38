"""Contract: a container engine, as a way to turn a command into another command.

To write one: subclass ``ContainerEngine``, return a ``ContainerEngineSpec`` from
``toil_container_engines``, and inherit ``toil_core.testing.ContainerEngineContract`` in a test.

An engine runs no job itself: the worker starts the command it returns, watches it, and calls
``kill`` when the job is cancelled. All methods may be called concurrently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONTRACT = 1


@dataclass(frozen=True, slots=True)
class Mount:
    """A path of this machine, seen inside the container."""

    source: Path
    target: str
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """One command in one container. ``memory`` in bytes and ``cores`` are limits, ``None`` for none;
    ``user`` is ``uid:gid`` or empty for the engine's choice; ``network`` is ``none``, ``host`` or a
    name; ``accelerators`` is a number of GPUs; ``entrypoint`` replaces the image's own, empty for none."""

    image: str
    command: Sequence[str]
    name: str
    mounts: Sequence[Mount] = ()
    work_dir: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    network: str = "none"
    memory: int | None = None
    cores: float | None = None
    accelerators: int = 0
    is_read_only: bool = False
    entrypoint: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command line, and variables to add to the environment that it is started in: values go there,
    where no process list shows them."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class ContainerEngine(ABC):
    """One engine on this machine."""

    @abstractmethod
    def check(self) -> None:
        """Raise ``ToilError``, with what to try, unless containers can be run here now."""

    @abstractmethod
    def ensure_image(self, image: str) -> None:
        """Have the image here, pulling it if needed; one pull at a time for an image on a machine."""

    @abstractmethod
    def invocation(self, run: ContainerRun) -> Invocation:
        """What runs the container in the foreground, with its exit status, and removes it afterwards.
        Raises ``ToilError`` for what this engine cannot do."""

    @abstractmethod
    def kill(self, name: str) -> None:
        """End the container of that name; no error if there is none."""

    def is_running(self, name: str) -> bool | None:
        """Whether the container of that name runs, ``None`` if there is none. An engine whose containers
        have no names has none."""
        return None
