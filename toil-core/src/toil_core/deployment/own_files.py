"""Which files of an author's folders are code to be sent, and which are left where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.machinery import EXTENSION_SUFFIXES

DATA_BYTES = 10 * 1024**2
"""A file of a package that is no code is sent up to this size."""

COMPILED = tuple(EXTENSION_SUFFIXES)
_CODE = (".py", *COMPILED)
_NOT_CODE = ("pyvenv.cfg", "+store")  # mark a virtual environment and a job store


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file here, and its name, with slashes, in what is sent."""

    path: str
    name: str

    @property
    def is_compiled(self) -> bool:
        """Whether it runs on some machines only."""
        return self.name.endswith(COMPILED)


@dataclass(slots=True)
class OwnFiles:
    """Finds files; ``left_out`` are those that were too large."""

    left_out: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _around: str = ""

    def of(self, base: str, entry: str, prefix: str) -> Iterator[SentFile]:
        """The files of an entry of a folder (see ``Origin.entry``); their names begin with ``prefix``."""
        path = os.path.join(base, entry)
        if entry.endswith("/"):
            yield from self._directly_in(path, f"{prefix}/{entry.rstrip('/')}")
            for package in importable_entries(path):
                if os.path.isdir(os.path.join(path, package)):
                    yield from self.of(base, entry + package, prefix)
        elif os.path.isdir(path):
            self._around = os.path.realpath(base) + os.sep
            yield from self._below(path, f"{prefix}/{entry}")
        elif os.path.isfile(path):
            yield SentFile(path, f"{prefix}/{entry}")

    def _below(self, folder: str, prefix: str) -> Iterator[SentFile]:
        real = os.path.realpath(folder)
        if real in self._seen or self._around.startswith(real + os.sep):  # links may lead back
            return
        self._seen.add(real)
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        if not {entry.name for entry in entries}.isdisjoint(_NOT_CODE):
            return
        yield from self._directly_in(folder, prefix)
        for entry in entries:
            if entry.is_dir() and not entry.name.startswith(".") and entry.name != "__pycache__":
                yield from self._below(entry.path, f"{prefix}/{entry.name}")

    def _directly_in(self, folder: str, prefix: str) -> Iterator[SentFile]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(".pyc") or not entry.is_file():
                continue
            if entry.name.endswith(_CODE) or entry.stat().st_size <= DATA_BYTES:
                yield SentFile(entry.path, f"{prefix}/{entry.name}")
            else:
                self.left_out.append(entry.path)


def importable_entries(folder: str) -> Iterator[str]:
    """The names of modules and packages that lie directly in a folder."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        is_package = entry.is_dir() and os.path.isfile(os.path.join(entry.path, "__init__.py"))
        if is_package or (entry.name.endswith(_CODE) and entry.is_file()):
            yield entry.name
