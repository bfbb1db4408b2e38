"""Checksums of files, each made once: of this machine's for as long as the file stays as it is.

A file is known by path, size, times and inode. The times of a file that was changed a moment ago may
not tell a change that follows at once, so only what has been left alone for a while is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from toil_core.api.storage import Storage
from toil_core.errors import StorageError
from toil_core.files.hashing import HashingStream
from toil_core.model.file import FileRef

KEPT_BYTES = 1024**2
"""The least file whose checksum is kept in the store: a smaller one is read as quickly as an object."""

_SETTLED_NANOSECONDS = 2 * 10**9
_CHECKSUM = re.compile(r"sha1\$[0-9a-f]{40}")

Content = tuple[str, int]
"""A checksum as ``FileRef`` writes it, and a size in bytes."""


class LocalChecksums:
    """Remembers in this process, and of large files in a store, below ``checksums/``. Thread-safe."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def of(self, path: str) -> Content:
        """Checksum and size of a regular file. Raises ``OSError``, also for what is no regular file."""
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is no regular file")
        facts = _facts(path, status)
        with self._lock:
            checksum = self._known.get(facts) or ""
        is_kept = status.st_size >= KEPT_BYTES
        if not checksum and is_kept:
            checksum = self._kept(facts)
        if not checksum:
            checksum, after = _read(path)
            if _facts(path, after) != facts or not _is_settled(after):
                return checksum, after.st_size
            if is_kept:
                self._keep(facts, checksum)
        with self._lock:
            self._known[facts] = checksum
        return checksum, status.st_size

    def of_stored(self, ref: FileRef, here: Callable[[FileRef], Path]) -> Content:
        """Checksum and size of a file of a run, whose content never changes; of one whose checksum is not known
        by reading it at ``here``. Raises what ``here`` raises, and ``OSError``."""
        if ref.checksum:
            return ref.checksum, ref.size
        facts = hashlib.sha256(repr((ref.key, ref.offset, ref.size)).encode()).hexdigest()
        with self._lock:
            checksum = self._known.get(facts) or ""
        checksum = checksum or self._kept(facts)
        if not checksum:
            checksum, _ = _read(str(here(ref)))
            self._keep(facts, checksum)
        with self._lock:
            self._known[facts] = checksum
        return checksum, ref.size

    def _kept(self, facts: str) -> str:
        try:
            with self._storage.get(f"checksums/{facts}") as stream:
                found = stream.read().decode(errors="replace")
        except StorageError:  # not there, or not to be had: the file itself is
            return ""
        return found if _CHECKSUM.fullmatch(found) else ""

    def _keep(self, facts: str, checksum: str) -> None:
        with contextlib.suppress(StorageError):  # it would have saved time, and nothing hangs on it
            self._storage.put(f"checksums/{facts}", checksum.encode())


def _facts(path: str, status: os.stat_result) -> str:
    told = (os.path.realpath(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return hashlib.sha256(repr(told).encode(errors="surrogateescape")).hexdigest()


def _is_settled(status: os.stat_result) -> bool:
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _SETTLED_NANOSECONDS


def _read(path: str) -> tuple[str, os.stat_result]:
    with open(path, "rb") as stream:
        passing = HashingStream(stream)
        while passing.read(1 << 20):
            pass
        return passing.checksum, os.fstat(stream.fileno())
