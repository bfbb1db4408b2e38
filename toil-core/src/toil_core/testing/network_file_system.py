"""A file system that misbehaves as network file systems do, over real files.

Requests are repeated when an answer is late, and the repeated one is told that there is nothing
left to do (``EEXIST`` after a link that was made, ``ENOENT`` after a rename or removal that was).
Handles become stale, until the path is looked up again. A listing may show a name twice. A client
remembers that a name was not there, and what a directory held, and does not see what another client has
put there since, until it looks at the directory anew or changes something in it itself.
"""

from __future__ import annotations

import errno
import io
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from toil_core.system.filesystem import Entry, FileSystem


class NetworkFileSystem(FileSystem):
    """One client, for all its threads. ``seed`` decides what goes wrong: one request in ``often``.

    ``mishaps`` counts them.
    """

    def __init__(self, seed: int, often: int = 3) -> None:
        self._random = random.Random(seed)
        self._often = often
        self._lock = threading.Lock()
        self._healed: set[tuple[int, str]] = set()
        self._missing: set[str] = set()
        self._listings: dict[str, list[Entry]] = {}
        self.mishaps = 0

    def link(self, source: str, target: str) -> None:
        """Make the link; at times report that the name was taken."""
        self._maybe_stale(target)
        with self._asking_the_server(target):
            super().link(source, target)
        if self._mishap():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), source, None, target)

    def rename(self, source: str, target: str) -> None:
        """Move the file; at times report that it is not there."""
        self._maybe_stale(target)
        with self._asking_the_server(target):
            super().rename(source, target)
        if self._mishap():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), source, None, target)

    def remove_directory(self, path: str) -> None:
        """As the real one, of which this client knows."""
        with self._asking_the_server(path):
            super().remove_directory(path)

    def unlink(self, path: str) -> None:
        """Remove the name; at times report that it is not there."""
        self._maybe_stale(path)
        with self._asking_the_server(path):
            super().unlink(path)
        if self._mishap():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def make_directory(self, path: str, mode: int) -> None:
        """Make the directory; at times report that it is there already."""
        with self._asking_the_server(path):
            super().make_directory(path, mode)
        if self._mishap():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)

    def create(self, path: str, mode: int) -> int:
        """Make the file; at times report that it is there already."""
        self._maybe_stale(path)
        with self._asking_the_server(path):
            descriptor = super().create(path, mode)
        if self._mishap():
            self.close(descriptor)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return descriptor

    def open_append(self, path: str, mode: int) -> int:
        """As the real one, when no handle is stale."""
        self._maybe_stale(path)
        with self._asking_the_server(path):
            return super().open_append(path, mode)

    def open_read(self, path: str) -> io.FileIO:
        """As the real one, when no handle is stale."""
        with self._remembering(path):
            return super().open_read(path)

    def sync(self, path: str) -> None:
        """As the real one, when no handle is stale."""
        with self._remembering(path):
            super().sync(path)

    def status(self, path: str) -> os.stat_result:
        """As the real one, when no handle is stale."""
        with self._remembering(path):
            return super().status(path)

    def look_anew(self, path: str) -> None:
        """Forget which names were missing in a directory, and which were there."""
        super().look_anew(path)
        with self._lock:
            self._listings.pop(path, None)
            self._missing = {missing for missing in self._missing if os.path.dirname(missing) != path}

    def entries(self, path: str) -> Iterator[Entry]:
        """What the directory held when this client last asked; at times a name comes twice."""
        with self._lock:
            remembered = self._listings.get(path)
        if remembered is None:
            with self._remembering(path):
                remembered = list(super().entries(path))
            with self._lock:
                self._listings[path] = remembered
        for entry in remembered:
            yield entry
            if self._mishap():
                yield entry

    @contextmanager
    def _remembering(self, path: str) -> Iterator[None]:
        self._maybe_stale(path)
        if path in self._missing:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        try:
            yield
        except FileNotFoundError:
            with self._lock:
                # Another thread of this client may have made it meanwhile.
                if not os.path.lexists(path):
                    self._missing.add(path)
            raise

    @contextmanager
    def _asking_the_server(self, path: str) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                self._missing.discard(path)
                self._listings.pop(os.path.dirname(path), None)

    def _mishap(self) -> bool:
        with self._lock:
            goes_wrong = self._random.randrange(self._often) == 0
            self.mishaps += goes_wrong
        return goes_wrong

    def _maybe_stale(self, path: str) -> None:
        # Looking the path up again heals it, so nobody finds it stale twice in a row.
        lookup = (threading.get_ident(), path)
        with self._lock:
            is_stale = lookup not in self._healed and self._random.randrange(self._often) == 0
            (self._healed.add if is_stale else self._healed.discard)(lookup)
            self.mishaps += is_stale
        if is_stale:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)
