"""Looking again where a network file system has forgotten a handle, or remembers what is no longer true.

A client remembers files and directories by handles. When the server gives one up (a restart, a
replaced file, a changed export) the call fails with ``ESTALE`` and has done nothing, and looking
the path up again heals it.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from toil_core.system.filesystem import Entry, FileSystem

_P = ParamSpec("_P")
_T = TypeVar("_T")

_TRIES = 4


class PatientFileSystem(FileSystem):
    """Another file system, whose operations on paths are tried again after ``ESTALE``.

    Operations on descriptors are not: what a descriptor meant cannot be looked up again.
    """

    def __init__(self, filesystem: FileSystem) -> None:
        self._inner = filesystem

    def create(self, path: str, mode: int) -> int:
        """As the other's."""
        return _patiently(self._inner.create, path, mode)

    def open_append(self, path: str, mode: int) -> int:
        """As the other's."""
        return _patiently(self._inner.open_append, path, mode)

    def open_read(self, path: str) -> io.FileIO:
        """As the other's."""
        return _patiently(self._inner.open_read, path)

    def sync(self, path: str) -> None:
        """As the other's."""
        _patiently(self._inner.sync, path)

    def link(self, source: str, target: str) -> None:
        """As the other's."""
        _patiently(self._inner.link, source, target)

    def rename(self, source: str, target: str) -> None:
        """As the other's."""
        _patiently(self._inner.rename, source, target)

    def unlink(self, path: str) -> None:
        """As the other's."""
        _patiently(self._inner.unlink, path)

    def make_directory(self, path: str, mode: int) -> None:
        """As the other's."""
        _patiently(self._inner.make_directory, path, mode)

    def remove_directory(self, path: str) -> None:
        """As the other's."""
        _patiently(self._inner.remove_directory, path)

    def entries(self, path: str) -> Iterator[Entry]:
        """As the other's, as the server has them now, read to the end at once."""

        def look() -> list[Entry]:
            self._inner.look_anew(path)
            return list(self._inner.entries(path))

        return iter(_patiently(look))

    def look_anew(self, path: str) -> None:
        """As the other's."""
        _patiently(self._inner.look_anew, path)

    def write(self, descriptor: int, content: bytes | memoryview) -> None:
        """As the other's."""
        self._inner.write(descriptor, content)

    def append(self, descriptor: int, content: bytes) -> int:
        """As the other's."""
        return self._inner.append(descriptor, content)

    def fsync(self, descriptor: int) -> None:
        """As the other's."""
        self._inner.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """As the other's."""
        self._inner.close(descriptor)

    def status(self, path: str) -> os.stat_result:
        """As the other's."""
        return _patiently(self._inner.status, path)


def _patiently(function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    for _ in range(_TRIES - 1):
        try:
            return function(*arguments, **named)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return function(*arguments, **named)
