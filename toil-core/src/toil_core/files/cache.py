"""A node's copies of files that are kept elsewhere: each is fetched once, however many jobs want it.

A directory of whole files, named by the hash of what they are copies of, handed out by hard link. A
file is in use while it has another link; no record is kept of anything, so that there is nothing to
go wrong when processes are killed. Who fetches holds a lock of the kernel (flock(2)), which the
kernel releases when the process ends, whatever ends it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from toil_core.errors import StorageError
from toil_core.system.copying import link_or_copy

Fetch = Callable[[Path], None]

_PART = ".part"
_READ_ONLY = 0o444
_LOCKS = 64
"""Lock files a cache. Two files that share one are fetched one after the other, which harms nobody."""


class NodeCache:
    """Any number of threads and processes use one directory at once. ``limit`` is in bytes, ``None`` for none."""

    def __init__(self, directory: Path, limit: int | None = None) -> None:
        self._directory = directory
        self._limit = limit

    def hand_out(self, key: str, size: int | None, fetch: Fetch, target: Path) -> None:
        """Have the file ``key`` at the new path ``target``, not to be written to.

        ``fetch`` writes the content to a path; it is called if the cache lacks the file, by one caller
        at a time on this node, and what it raises is raised here. Raises ``StorageError`` if what was
        fetched is not ``size`` bytes long, and for a disk that is full though nothing more can go.
        """
        path = self._path(key)
        if self._given(path, size, target):
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(path.name):
            if self._given(path, size, target):  # fetched by another meanwhile
                return
            part = path.with_name(path.name + _PART)
            try:
                self._fetch_into(part, size, fetch)
                part.chmod(_READ_ONLY)
                # Before it has its name: then it may be evicted.
                self._link(part, target)
                part.rename(path)
            finally:
                part.unlink(missing_ok=True)
        if self._limit is not None:
            self.make_room(self._held() - self._limit)

    def make_room(self, wanted: int) -> int:
        """Remove files that no job uses, the longest unused first, until ``wanted`` bytes are gone or
        none is left; how many bytes went."""
        freed = 0
        for size, path in self._unused():
            if freed >= wanted:
                break
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                freed += size
        return freed

    def _given(self, path: Path, size: int | None, target: Path) -> bool:
        try:
            # One of another size was cut short when the machine lost power.
            if size is not None and path.stat().st_size != size:
                return False
            self._link(path, target)
        except FileNotFoundError:  # not there yet, or evicted just now
            return False
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # its age is that of its last use
        return True

    def _link(self, source: Path, target: Path) -> None:
        link_or_copy(str(source), str(target))
        target.chmod(_READ_ONLY)  # a copy has a mode of its own

    def _fetch_into(self, part: Path, size: int | None, fetch: Fetch) -> None:
        while True:
            part.unlink(missing_ok=True)  # of one who was killed: only the lock's holder writes it
            try:
                fetch(part)
                break
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                if not self.make_room(size or 1):
                    raise StorageError(
                        f"The disk of {self._directory} is full", "Free space there, or choose another work directory"
                    ) from error
        found = part.stat().st_size
        if size is not None and found != size:
            raise StorageError(f"A file was fetched with {found} bytes where {size} were expected", "Try again")

    def _held(self) -> int:
        held = 0
        for entry in self._entries():
            with contextlib.suppress(FileNotFoundError):  # evicted by another
                held += entry.stat().st_size
        return held

    def _unused(self) -> list[tuple[int, Path]]:
        found = []
        for entry in self._entries():
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat()
                if status.st_nlink == 1:
                    found.append((status.st_mtime, status.st_size, entry))
        return [(size, path) for _, size, path in sorted(found)]

    def _entries(self) -> Iterator[Path]:
        with contextlib.suppress(FileNotFoundError), os.scandir(self._directory) as entries:
            for entry in entries:
                if len(entry.name) == 64:  # neither a lock nor a part
                    yield Path(entry.path)

    def _path(self, key: str) -> Path:
        return self._directory / hashlib.sha256(key.encode()).hexdigest()

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        lock = self._directory / f"lock-{int(name[:8], 16) % _LOCKS}"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
