"""The files of a run as one process of a node reaches them."""

from __future__ import annotations

import shutil
import threading
import uuid
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from toil_core.api.storage import Storage
from toil_core.files.cache import NodeCache
from toil_core.files.urls import Urls
from toil_core.model.file import FileRef

PACK_BYTES = 256 * 1024**2
"""A pack of this size is followed by a new one."""


class NodeFiles:
    """Shared by the attempts of one process. Thread-safe.

    ``writer`` names the packs that this process appends to, and no living process may have the same.
    ``cache_dir`` is shared by the processes of a node. ``shares_files``: what one node sees by a path,
    all of the run's do.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        appends: bool,
        cache_dir: Path,
        writer: str,
        urls: Urls,
        shares_files: bool = True,
    ) -> None:
        self.storage = storage
        self.appends = appends
        self.shares_files = shares_files
        self.urls = urls
        self._cache = NodeCache(cache_dir)
        self._writer = writer
        self._pack = 0
        self._unsynced: set[str] = set()
        self._lock = threading.Lock()

    def append(self, content: bytes) -> tuple[str, int]:
        """Add a small file to this process's pack: its key and offset. Durable with ``sync``."""
        with self._lock:
            key = self._pack_key()
            offset = self.storage.append(key, content)
            self._unsynced.add(key)
            if offset + len(content) >= PACK_BYTES:
                self._pack += 1
        return key, offset

    def new_pack(self) -> str:
        """The key of a pack that is put as a whole, for stores that do not append.

        Like no other of the run: a process that comes after this one may have its writer's name.
        """
        return f"packs/{self._writer}.{uuid.uuid4().hex}"

    def sync(self) -> None:
        """Make everything appended so far durable."""
        with self._lock:
            keys, self._unsynced = self._unsynced, set()
            if keys:
                self.storage.sync(keys)

    def path_here(self, ref: FileRef) -> Path | None:
        """The path of a whole file that is on this machine anyway, or ``None``."""
        if ref.offset is not None:
            return None
        if ref.is_by_reference:
            path = self.urls.access(ref.key).local_path(ref.key)
            return None if path is None else Path(path)
        url = self.storage.public_url(ref.key)
        return Path(unquote(urlsplit(url).path)) if url is not None and url.startswith("file:") else None

    def place(self, ref: FileRef, target: Path) -> None:
        """Have a file that is kept elsewhere at the new path ``target``, by this node's cache; a small
        one of a pack comes without. It is not to be written to."""
        if ref.offset is not None:
            self._fetch(ref, target)
            return
        size = None if ref.is_by_reference else ref.size
        self._cache.hand_out(ref.key, size, lambda path: self._fetch(ref, path), target)
        if ref.executable:  # the cache's copy is everybody's
            private = target.with_name(target.name + ".private")
            shutil.copyfile(target, private)
            private.chmod(0o555)
            private.replace(target)

    def open(self, ref: FileRef) -> BinaryIO:
        """A stream of a file's content; the caller closes it."""
        if ref.is_by_reference:
            return self.urls.access(ref.key).read(ref.key)
        if ref.offset is None:
            return self.storage.get(ref.key)
        return self.storage.get(ref.key, ref.offset, ref.size)

    def _fetch(self, ref: FileRef, target: Path) -> None:
        with self.open(ref) as source, target.open("xb") as out:
            shutil.copyfileobj(source, out, 1 << 20)

    def _pack_key(self) -> str:
        return f"packs/{self._writer}.{self._pack}"
