"""The files that this process appends to, kept open."""

from __future__ import annotations

import errno
import threading

from toil_core.system.filesystem import FileSystem

_MOST_OPEN = 32
_FILE_MODE = 0o600


class AppendFiles:
    """Descriptors for appending, by path; for one process, and for any of its threads.

    A forked child makes its own: what it inherits it neither uses nor closes, since its numbers may
    have come to mean other files by then.
    """

    def __init__(self, filesystem: FileSystem) -> None:
        self._filesystem = filesystem
        self._open: dict[str, int] = {}
        self._lock = threading.Lock()

    def append(self, path: str, content: bytes) -> int:
        """Add to a file's end; where in it the content begins. Raises ``OSError``."""
        with self._lock:
            try:
                return self._append(path, content)
            except OSError as error:
                self._drop(path)
                if error.errno != errno.ESTALE:
                    raise
                # The file server forgot the file's handle, so nothing was written; its name still finds it.
                return self._append(path, content)

    def forget(self, path: str) -> None:
        """Close a file that is going away."""
        with self._lock:
            self._drop(path)

    def _append(self, path: str, content: bytes) -> int:
        descriptor = self._open.get(path)
        if descriptor is None:
            if len(self._open) >= _MOST_OPEN:
                self._drop(next(iter(self._open)))
            descriptor = self._open[path] = self._filesystem.open_append(path, _FILE_MODE)
        return self._filesystem.append(descriptor, content)

    def _drop(self, path: str) -> None:
        descriptor = self._open.pop(path, None)
        if descriptor is not None:
            self._filesystem.close(descriptor)
