"""The built-in job store: objects as files in one directory, on a local or a network file system.

Names are given by ``link(2)`` and ``rename(2)``, which are atomic on a file server too. There are
no lock files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, StorageError, UsageError
from toil_core.local.append_files import AppendFiles
from toil_core.local.folders import Folders
from toil_core.local.object_paths import folder_of_prefix, key_of_file, keys_of_folder, object_path
from toil_core.local.object_reader import ObjectReader, buffered
from toil_core.local.object_writer import ObjectWriter
from toil_core.local.stale_handles import PatientFileSystem
from toil_core.local.storage_error import doing
from toil_core.local.store_directory import StoreDirectory
from toil_core.model.object_key import check_key, is_key
from toil_core.system.filesystem import Entry, FileSystem
from toil_core.system.writer_tag import writer_tag

_NOT_THERE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class FileStorage(Storage):
    """The store at ``file:PATH``, with ``append``. The directory and its files are its owner's only.

    Used on after a fork, by parent and child. Everything a put that returned has written survives
    power loss, as far as the file system and the disk keep their word.
    """

    def __init__(self, rest: str, options: None = None, filesystem: FileSystem | None = None) -> None:
        if not rest:
            raise UsageError("The job store locator file: names no directory", "Try: file:PATH")
        # abspath keeps two slashes at the front, for systems where they mean something.
        self._root = os.path.abspath("/" + rest.lstrip("/") if rest.startswith("/") else rest)
        self._name = f"file:{self._root}"
        self._filesystem = PatientFileSystem(filesystem or FileSystem())
        self._directory = StoreDirectory(self._root, self._name, self._filesystem)
        self._folders = Folders(self._root, self._filesystem)
        self._writer = ObjectWriter(self._directory, self._folders, self._name, self._filesystem)
        self._process = writer_tag()
        self._append_files = AppendFiles(self._filesystem)

    def create(self) -> None:
        """Make the directory, and those above it that are missing."""
        with doing(self._name, "be made"):
            self._directory.create()

    def open(self) -> None:
        """Check that the store is there; clear away what processes that died left half written."""
        with doing(self._name, "be opened"):
            self._directory.open()

    def destroy(self) -> None:
        """Remove the directory; refuses one that is not a job store, and follows no symbolic link."""
        with doing(self._name, "be removed"):
            self._directory.destroy()

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object durably; see the contract. Errors of the stream itself pass through."""
        self._writer.put(self._path(key), key, content, if_absent)

    def take(self, key: str, path: str) -> bool:
        """Move a file of the same file system into the store; not one that has a second name, by which
        it could still be changed, nor one that is not ours."""
        status = self._filesystem.status(path)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_uid != os.geteuid():
            return False
        return self._writer.take(path, self._path(key), key)

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of an object's bytes; what was opened stays readable when the object is deleted."""
        path = self._path(key)
        operation = f'read "{key}"'
        with doing(self._name, operation):
            try:
                file = self._folders.find(self._filesystem.open_read, path)
            except _NOT_THERE as error:
                raise self._no_object(key) from error
        return buffered(ObjectReader(file, self._name, operation, start, length))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; after power loss they may be there again."""
        for key in keys:
            path = self._path(key)
            self._appending().forget(path)
            with doing(self._name, f'delete "{key}"'):
                try:
                    self._filesystem.unlink(path)
                except _NOT_THERE:
                    continue
                except PermissionError:
                    # What macOS says of a directory.
                    if not self._is_folder(path):
                        raise

    def list(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``. Raises ``NoSuchStore`` when it is iterated."""
        if "/" in prefix and not is_key(prefix.rpartition("/")[0]):
            return
        waiting = [folder_of_prefix(self._root, prefix)]
        with doing(self._name, f'list "{prefix}"'):
            if not self._directory.is_there():
                raise self._directory.missing()
            while waiting:
                folder, above = waiting.pop()
                for entry in self._entries(folder):
                    if entry.is_directory:
                        below = keys_of_folder(above, entry.name)
                        if below is not None and (below.startswith(prefix) or prefix.startswith(below)):
                            waiting.append((f"{folder}/{entry.name}", below))
                    elif entry.is_file:
                        key = key_of_file(above, entry.name)
                        if key is not None and key.startswith(prefix):
                            yield key

    def size(self, key: str) -> int:
        """An object's length in bytes."""
        path = self._path(key)
        with doing(self._name, f'look at "{key}"'):
            try:
                status = self._folders.find(self._filesystem.status, path)
            except _NOT_THERE as error:
                raise self._no_object(key) from error
            if not stat.S_ISREG(status.st_mode):
                raise self._no_object(key)
        return status.st_size

    def public_url(self, key: str) -> str | None:
        """The ``file://`` URL of the object's file."""
        return Path(self._path(key)).as_uri()

    def append(self, key: str, content: bytes) -> int:
        """Add to an object that only this process writes; seen at once, durable with ``sync``."""
        path = self._path(key)
        begins = []
        with doing(self._name, f'append to "{key}"'), self._directory.while_there():
            try:
                self._writer.in_folder(
                    os.path.dirname(path), lambda: begins.append(self._appending().append(path, content))
                )
            except (NotADirectoryError, IsADirectoryError) as error:
                raise self._writer.conflict(key) from error
        return begins[0]

    def sync(self, keys: Iterable[str]) -> None:
        """Make the objects' bytes and names durable, whoever appended them. Raises ``NoSuchObject``."""
        folders = {}
        for key in keys:
            path = self._path(key)
            folders[os.path.dirname(path)] = key
            with doing(self._name, f'sync "{key}"'):
                try:
                    self._folders.find(self._filesystem.sync, path)
                except _NOT_THERE as error:
                    raise self._no_object(key) from error
        for folder, key in folders.items():
            with doing(self._name, f'sync "{key}"'), self._directory.while_there():
                self._folders.settle(folder)

    def _path(self, key: str) -> str:
        return object_path(self._root, check_key(key))

    def _entries(self, folder: str) -> Iterable[Entry]:
        # By name, since a folder that changes while it is read may show a name twice.
        try:
            return {entry.name: entry for entry in self._folders.find(self._filesystem.entries, folder)}.values()
        except _NOT_THERE:
            return ()

    def _appending(self) -> AppendFiles:
        if self._process != (process := writer_tag()):
            self._process, self._append_files = process, AppendFiles(self._filesystem)
        return self._append_files

    def _no_object(self, key: str) -> StorageError:
        if not self._directory.is_there():
            return self._directory.missing()
        return NoSuchObject(f'The job store {self._name} holds no "{key}"')

    def _is_folder(self, path: str) -> bool:
        return stat.S_ISDIR(self._filesystem.status(path).st_mode)
