"""The files of a run as one process of a node reaches them."""

from __future__ import annotations

import hashlib
import threading
import uuid
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from toil_core.api.storage import Storage
from toil_core.files.job_files import JobFiles
from toil_core.files.urls import Urls
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId

PACK_BYTES = 256 * 1024**2
"""A pack of this size is followed by a new one."""


class NodeFiles:
    """Shared by the attempts of one process. Thread-safe.

    ``writer`` names this process's packs and must be unique in the run. ``cache_dir`` is shared by
    the processes of a node.
    """

    def __init__(self, storage: Storage, *, appends: bool, cache_dir: Path, writer: str, urls: Urls) -> None:
        self.storage = storage
        self.appends = appends
        self.cache_dir = cache_dir
        self.urls = urls
        self._writer = writer
        self._pack = 0
        self._unsynced: set[str] = set()
        self._lock = threading.Lock()

    def for_attempt(self, attempt: AttemptId, work_dir: Path) -> JobFiles:
        """The view of one attempt."""
        return JobFiles(self, attempt, work_dir)

    def append(self, content: bytes) -> tuple[str, int]:
        """Add a small file to this process's pack: its key and offset. Durable with ``sync``."""
        with self._lock:
            key = f"packs/{self._writer}.{self._pack}"
            offset = self.storage.append(key, content)
            self._unsynced.add(key)
            if offset + len(content) >= PACK_BYTES:
                self._pack += 1
        return key, offset

    def sync(self) -> None:
        """Make everything appended so far durable."""
        with self._lock:
            keys, self._unsynced = self._unsynced, set()
            if keys:
                self.storage.sync(keys)

    def close(self) -> None:
        """Let go of what is open; nothing is lost."""

    def local_object(self, ref: FileRef) -> Path | None:
        """The path of a whole file that is on this machine anyway, or ``None``."""
        if ref.offset is not None:
            return None
        if ref.is_by_reference:
            path = self.urls.access(ref.key).local_path(ref.key)
            return None if path is None else Path(path)
        url = self.storage.public_url(ref.key)
        return path_of(url) if url is not None and url.startswith("file:") else None

    def open(self, ref: FileRef) -> BinaryIO:
        """A stream of a file's content; the caller closes it."""
        if ref.is_by_reference:
            return self.urls.access(ref.key).read(ref.key)
        if ref.offset is None:
            return self.storage.get(ref.key)
        return self.storage.get(ref.key, ref.offset, ref.size)


def path_of(url: str) -> Path:
    """The path of a ``file://`` URL."""
    return Path(unquote(urlsplit(url).path))


def fresh_key(attempt: AttemptId) -> str:
    """A key for a whole file that nobody else uses."""
    return f"files/{attempt}/{uuid.uuid4().hex}"


def sha1_of(content: bytes) -> str:
    """The checksum of a small file, as ``FileRef`` writes it."""
    return f"sha1${hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
