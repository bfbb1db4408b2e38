"""Writing an object atomically: a file nobody knows, synced, then named, then its name synced."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO

from toil_core.errors import ObjectExists, StorageError
from toil_core.local.folders import Folders
from toil_core.local.storage_error import doing
from toil_core.local.store_directory import FILE_MODE, StoreDirectory
from toil_core.system.filesystem import FileSystem

_CHUNK_BYTES = 1024 * 1024
_TRIES = 4


class ObjectWriter:
    """Puts objects into one store, from any number of threads and, after forks, processes."""

    def __init__(self, directory: StoreDirectory, folders: Folders, name: str, filesystem: FileSystem) -> None:
        self._directory = directory
        self._folders = folders
        self._name = name
        self._filesystem = filesystem

    def put(self, path: str, key: str, content: bytes | BinaryIO, if_absent: bool) -> None:
        """Make ``path`` a file with the content, durably. Raises the contract's errors, or the stream's own."""
        operation = f'put "{key}"'
        temporary = self._write(_chunks(content), operation)
        folder = os.path.dirname(path)
        place = self._link if if_absent else self._rename
        with doing(self._name, operation), self._directory.while_there():
            try:
                self.in_folder(folder, lambda: place(temporary, path))
            except FileExistsError as error:
                self._discard(temporary)
                raise self._taken(path, key) from error
            except (NotADirectoryError, IsADirectoryError) as error:
                self._discard(temporary)
                raise self.conflict(key) from error
            except BaseException:
                self._discard(temporary)
                raise
            self._folders.settle(folder)

    def take(self, source: str, path: str, key: str) -> bool:
        """Move a file to ``path``, durably; ``False`` if it is of another file system."""
        operation = f'take "{key}"'
        with doing(self._name, operation), self._directory.while_there():
            self._filesystem.change_mode(source, FILE_MODE)
            self._filesystem.sync(source)
            try:
                self.in_folder(os.path.dirname(path), lambda: self._rename(source, path))
            except OSError as error:
                if error.errno == errno.EXDEV:
                    return False
                raise
            self._folders.settle(os.path.dirname(path))
        return True

    def in_folder(self, folder: str, act: Callable[[], None]) -> None:
        """Do what needs a folder, which is made if it is missing. Raises ``NoSuchStore``, ``OSError``."""
        for _ in range(_TRIES):
            try:
                act()
                return
            except FileNotFoundError as error:
                if not self._directory.is_there():
                    raise self._directory.missing() from error
                self._folders.make(folder)
        act()

    def conflict(self, key: str) -> StorageError:
        """The error for a key that a file system cannot hold beside those that are there."""
        return StorageError(
            f'The job store {self._name} cannot hold "{key}": a part of it is an object, or it is a folder of others'
        )

    def _write(self, chunks: Iterator[bytes], operation: str) -> str:
        with doing(self._name, operation):
            temporary, descriptor = self._directory.new_file()
        try:
            try:
                for chunk in chunks:
                    with doing(self._name, operation):
                        self._filesystem.write(descriptor, chunk)
                with doing(self._name, operation):
                    self._filesystem.fsync(descriptor)
            finally:
                with doing(self._name, operation):
                    self._filesystem.close(descriptor)
        except BaseException:
            self._discard(temporary)
            raise
        return temporary

    def _link(self, temporary: str, path: str) -> None:
        self._directory.link(temporary, path)
        self._discard(temporary)

    def _rename(self, temporary: str, path: str) -> None:
        ours = self._filesystem.status(temporary).st_ino
        try:
            self._filesystem.rename(temporary, path)
        except FileNotFoundError:
            # As with link: an NFS client that repeats the request is told that what it moved is not there.
            if not self._is_file(path, ours):
                raise

    def _taken(self, path: str, key: str) -> StorageError:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(self._filesystem.status(path).st_mode):
                return self.conflict(key)
        # Whoever hears that the object exists may build on it, so it has to last from now on.
        self._folders.settle(os.path.dirname(path))
        return ObjectExists(f'The job store {self._name} holds "{key}" already')

    def _is_file(self, path: str, inode: int) -> bool:
        try:
            return self._filesystem.status(path).st_ino == inode
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _discard(self, temporary: str) -> None:
        # What cannot be removed now is no object, and is cleared away when the store is opened again.
        with contextlib.suppress(OSError):
            self._filesystem.unlink(temporary)


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(_CHUNK_BYTES):
        yield chunk
