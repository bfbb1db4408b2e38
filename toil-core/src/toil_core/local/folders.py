"""The folders below a store's root: made when needed, durable before an object in them counts.

Folders are never removed but with the whole store. So a folder once known to be durable stays so,
and nobody finds the folder gone that he is about to link into.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TypeVar

from toil_core.system.filesystem import FileSystem

_T = TypeVar("_T")

_FOLDER_MODE = 0o700
_MOST_REMEMBERED = 10_000


class Folders:
    """The folders of one store, for any number of threads. Raises ``OSError``."""

    def __init__(self, root: str, filesystem: FileSystem) -> None:
        self._root = root
        self._filesystem = filesystem
        self._durable: set[str] = set()

    def make(self, folder: str) -> None:
        """Make a folder and those above it, up to the root, which must be there."""
        # Something here is gone that was there: the store is another one now, and nothing known holds.
        self._durable.clear()
        missing = []
        while folder != self._root:
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            with contextlib.suppress(FileExistsError):
                self._filesystem.make_directory(path, _FOLDER_MODE)

    def find(self, look: Callable[[str], _T], path: str) -> _T:
        """What ``look`` finds at a path, also if it was not there a moment ago and another machine made it."""
        try:
            return look(path)
        except FileNotFoundError:
            folders = []
            folder = path
            while folder != self._root:
                folder = os.path.dirname(folder)
                folders.append(folder)
            for above in reversed(folders):
                self._filesystem.look_anew(above)
            return look(path)

    def settle(self, folder: str) -> None:
        """Make the names in a folder durable, and the folder itself."""
        self._filesystem.sync(folder)
        unsure = []
        # Also a folder that another process made may not be durable yet.
        while folder != self._root and folder not in self._durable:
            unsure.append(folder)
            folder = os.path.dirname(folder)
            self._filesystem.sync(folder)
        if unsure:
            if len(self._durable) > _MOST_REMEMBERED:
                self._durable.clear()
            self._durable.update(unsure)
