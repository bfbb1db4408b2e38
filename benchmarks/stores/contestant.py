"""Who is measured: somebody that takes files and small objects to a service, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

OURS = "ours"
BLOCK = 1 << 20


class Contestant(Protocol):
    """One client of the service. ``put`` and ``get`` are called by many threads."""

    def prepare(self) -> None:
        """Make the place where objects go."""

    def up(self, path: Path) -> None:
        """Write the long object from a file."""

    def down(self, path: Path) -> None:
        """Read the long object into a file."""

    def put(self, key: str, content: bytes) -> None:
        """Write a small object."""

    def get(self, key: str) -> bytes:
        """Read a small object."""


@dataclass(frozen=True)
class Entry:
    """A contestant: ``make`` takes the name of its place; ``verifies`` tells people what it checks, up and
    down. ``cases`` are those it is measured in. One that ``is_beside`` another uses the other's place and objects."""

    make: Callable[[str], Contestant]
    verifies: str
    cases: tuple[str, ...] = ("up", "down", "put", "get")
    is_beside: bool = False


@dataclass(frozen=True)
class Service:
    """What speaks to a kind of server. ``locator`` makes the locator of a job store of a name, in an
    environment; ``endpoint`` is the variable that leads to the server."""

    entries: Mapping[str, Entry]
    locator: Callable[[str, Mapping[str, str]], str]
    endpoint: str
