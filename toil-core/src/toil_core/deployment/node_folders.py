"""A node's unpacked code: each part once, however many workers want it.

::

    <temporary folder>/toil-code-<user>/
        <boot>-<hash>/          a part; the file ``+in-use`` in it is locked by the processes that use it
        lock-<n>                held by who unpacks
        part-<random>/          what is being unpacked, or is on its way out

A part appears whole, by a rename. Nothing is written down about who uses what: the kernel's locks
(flock(2)) go with the processes that hold them. Parts of an earlier boot are not used, for a
machine that lost power may have kept names and lost contents.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from toil_core.errors import StorageError
from toil_core.system.hardware import boot_id
from toil_core.system.removal import remove_tree

UNUSED_SECONDS = 24 * 60 * 60.0
"""Parts that nobody has begun to use for so long, and nobody uses, go when another is unpacked."""

_IN_USE = "+in-use"
_UNFINISHED = "part-"
_LOCKS = 16


class NodeFolders:
    """Any number of processes use one directory at once. What one has been given stays until it ends."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def folder(self, name: str, unpack: Callable[[Path], None]) -> Path:
        """The folder of a part, for as long as this process lives.

        ``unpack`` fills an empty folder; it is called if the node lacks the part, by one process at a
        time, and what it raises is raised here. Raises ``StorageError`` if the directory is another's, or
        cannot be written to, for want of room perhaps.
        """
        path = self._directory / f"{boot_id()}-{name}"
        try:
            self._make()
            if not _hold(path):
                with self._locked(path.name):
                    while not _hold(path):  # else it was unpacked by another meanwhile
                        self._unpack(path, unpack)
                self._evict()
        except OSError as error:
            raise StorageError(
                f"The code of the run cannot be unpacked in {self._directory}: {error.strerror or error}",
                "Make room there, or set TMPDIR",
            ) from error
        return path

    def _unpack(self, path: Path, unpack: Callable[[Path], None]) -> None:
        part = self._directory / f"{_UNFINISHED}{uuid.uuid4().hex}"
        part.mkdir(mode=0o700)
        try:
            unpack(part)
            (part / _IN_USE).touch(mode=0o600)
            part.rename(path)
        except BaseException:
            remove_tree(part)
            raise

    def _make(self) -> None:
        with contextlib.suppress(FileExistsError):
            self._directory.mkdir(mode=0o700)
        status = os.lstat(self._directory)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            # Whoever can write there could have us run their code.
            raise StorageError(f"The folder {self._directory} can be written by others", "Remove it, or set TMPDIR")

    def _evict(self) -> None:
        """Remove what was not used for long, and what killed processes left unfinished."""
        before = time.time() - UNUSED_SECONDS
        for path in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # going already
                mark = path if path.name.startswith(_UNFINISHED) else path / _IN_USE
                if path.is_dir() and mark.stat().st_mtime < before:
                    self._remove(path)

    def _remove(self, path: Path) -> None:
        if path.name.startswith(_UNFINISHED):
            remove_tree(path)
            return
        with (path / _IN_USE).open("rb") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            gone = path.with_name(f"{_UNFINISHED}{uuid.uuid4().hex}")
            path.rename(gone)
        remove_tree(gone)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        lock = self._directory / f"lock-{int(name[-8:], 16) % _LOCKS}"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def node_folders() -> NodeFolders:
    """Those of this machine and user."""
    return NodeFolders(Path(tempfile.gettempdir()) / f"toil-code-{os.geteuid()}")


def _hold(path: Path) -> bool:
    """Keep a part from being removed while this process lives; whether it is there."""
    mark = path / _IN_USE
    try:
        descriptor = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    with contextlib.suppress(FileNotFoundError):  # it was on its way out
        os.utime(mark)
        if os.stat(mark).st_ino == os.fstat(descriptor).st_ino:
            return True  # the descriptor stays open, and with it the lock
    os.close(descriptor)
    return False
