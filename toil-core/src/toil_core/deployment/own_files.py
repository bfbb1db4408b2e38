"""Which files of an author's folders are code to be sent, and which are left where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import MAGIC_NUMBER

from toil_core.deployment.secret_files import looks_secret
from toil_core.model.units import format_bytes

DATA_BYTES = 10 * 1024**2
"""A file of a package that is no code is sent up to this size."""

PACKAGE_DATA_BYTES = 100 * 1024**2
"""What a package has of files that are no code is sent if all of it together is not more."""

TOO_LARGE = f"files of more than {format_bytes(DATA_BYTES)} that are no code"
TOO_MUCH = f"the data of packages with more than {format_bytes(PACKAGE_DATA_BYTES)} of it"
UNREADABLE = "files that cannot be read"
SECRET = "files that look like keys or passwords"

_COMPILED = (".pyc", *EXTENSION_SUFFIXES)
_CODE = (".py", *_COMPILED)
_NOT_CODE = ("pyvenv.cfg", "+store")  # mark a virtual environment and a job store


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file here, and its name, with slashes, in what is sent."""

    path: str
    name: str

    @property
    def is_code(self) -> bool:
        """Whether Python would import it."""
        return self.name.endswith(_CODE)

    @property
    def is_compiled(self) -> bool:
        """Whether it runs on some machines only."""
        return self.name.endswith(_COMPILED)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that is not sent, and what it has in common with others that are not."""

    path: str
    why: str


@dataclass(slots=True)
class OwnFiles:
    """Finds files; ``left_out`` tells what was passed over that people may miss."""

    left_out: list[LeftOut] = field(default_factory=list)
    _around: tuple[str, ...] = ()

    def of(self, base: str, entry: str, prefix: str, *, has_data: bool = True) -> Sequence[SentFile]:
        """The files of an entry of a folder (see ``Origin.entry``); their names begin with ``prefix``.
        ``has_data``: with files beside the modules of a folder that is no package."""
        path = os.path.join(base, entry)
        files = list(self._of(base, entry, prefix, has_data))
        if sum(os.path.getsize(file.path) for file in files if not file.is_code) <= PACKAGE_DATA_BYTES:
            return files
        self.left_out.append(LeftOut(path, TOO_MUCH))
        return [file for file in files if file.is_code]

    def _of(self, base: str, entry: str, prefix: str, has_data: bool) -> Iterator[SentFile]:
        path = os.path.join(base, entry)
        if entry.endswith("/"):
            yield from self._directly_in(path, f"{prefix}/{entry.rstrip('/')}", has_data)
            for package in importable_entries(path):
                if os.path.isdir(os.path.join(path, package)):
                    yield from self._of(base, entry + package, prefix, has_data)
        elif os.path.isdir(path):
            self._around = (os.path.realpath(base),)
            yield from self._below(path, f"{prefix}/{entry}")
        elif os.path.isfile(path) and self._can_read(path):
            yield SentFile(path, f"{prefix}/{entry}")

    def _below(self, folder: str, prefix: str) -> Iterator[SentFile]:
        real = os.path.realpath(folder)
        if any(f"{above}{os.sep}".startswith(f"{real}{os.sep}") for above in self._around):  # a link leads back
            return
        if not self._can_read(folder):
            return
        entries = _entries(folder)
        if not {entry.name for entry in entries}.isdisjoint(_NOT_CODE):
            return
        yield from self._directly_in(folder, prefix)
        self._around = (*self._around, real)
        for entry in entries:
            if not entry.name.startswith(".") and entry.name != "__pycache__" and os.path.isdir(entry.path):
                yield from self._below(entry.path, f"{prefix}/{entry.name}")
        self._around = self._around[:-1]

    def _directly_in(self, folder: str, prefix: str, has_data: bool = True) -> Iterator[SentFile]:
        entries = _entries(folder)
        names = {entry.name for entry in entries}
        for entry in entries:
            file = SentFile(entry.path, f"{prefix}/{entry.name}")
            if entry.name.startswith(".") or _is_left_over(entry, names) or not os.path.isfile(entry.path):
                continue
            if not (has_data or file.is_code) or not self._can_read(entry.path):
                continue
            if not file.is_code and os.path.getsize(entry.path) > DATA_BYTES:
                self.left_out.append(LeftOut(entry.path, TOO_LARGE))
            elif not file.is_code and looks_secret(entry.path):
                self.left_out.append(LeftOut(entry.path, SECRET))
            else:
                yield file

    def _can_read(self, path: str) -> bool:
        can = os.access(path, os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK)
        if not can:
            self.left_out.append(LeftOut(path, UNREADABLE))
        return can


def importable_entries(folder: str) -> Iterator[str]:
    """The names of modules and packages that lie directly in a folder; none if it cannot be listed."""
    if not os.access(folder, os.R_OK | os.X_OK):
        return
    entries = _entries(folder)
    names = {entry.name for entry in entries}
    for entry in entries:
        if entry.name.startswith(".") or _is_left_over(entry, names):
            continue
        is_module = entry.name.endswith(_CODE) and os.path.isfile(entry.path)
        if is_module or is_package(entry.path):
            yield entry.name


def is_package(folder: str) -> bool:
    """Whether a folder has code of its own as a package."""
    return any(os.path.isfile(os.path.join(folder, f"__init__{suffix}")) for suffix in _CODE)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)


def _is_left_over(entry: os.DirEntry[str], names: set[str]) -> bool:
    """Whether this is what some Python compiled of a source, and this one would not import."""
    if not entry.name.endswith(".pyc"):
        return False
    if entry.name[:-1] in names or not os.path.isfile(entry.path) or not os.access(entry.path, os.R_OK):
        return True
    with open(entry.path, "rb") as file:
        return file.read(len(MAGIC_NUMBER)) != MAGIC_NUMBER
