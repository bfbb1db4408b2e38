"""A store's directory: making it, finding it, and removing it, each right after any interruption.

========================  ==========================================================
``+store``                its presence makes the directory a store; put last by ``create``
``+tmp/``                 what is being written; a file there bears its writer's tag
``+destroyed``            comes before ``+store`` goes, when removing begins; goes last
everything else           objects
========================  ==========================================================
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from toil_core.errors import NoSuchStore, StorageError, StoreExists
from toil_core.local.object_paths import MARK
from toil_core.system.filesystem import FileSystem
from toil_core.system.writer_tag import is_gone, writer_tag

_MARKER = f"{MARK}store"
_DOOMED = f"{MARK}destroyed"
_TEMPORARY = f"{MARK}tmp"
_FOLDER_MODE = 0o700
FILE_MODE = 0o400
"""Objects never change: a job that writes to a file of the run in place is told so."""

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV)

# How often a folder is emptied again because a stray worker has put something there meanwhile.
_SWEEPS = 20


class StoreDirectory:
    """One directory that is, is to be, or was a store. Safe to use concurrently; raises ``OSError`` as well."""

    def __init__(self, root: str, name: str, filesystem: FileSystem) -> None:
        self.root = root
        self.temporary = f"{root}/{_TEMPORARY}"
        self._name = name
        self._filesystem = filesystem
        self._numbers = itertools.count()

    def create(self) -> None:
        """Make the store durably. Of several that try exactly one succeeds; raises ``StoreExists``."""
        made = self._make_root()
        names = {entry.name for entry in self._filesystem.entries(self.root)}
        if _DOOMED in names:
            raise StoreExists(
                f"The removal of the job store {self._name} was not finished",
                f"Finish it with: toil clean {self._name}",
            )
        if _MARKER in names:
            raise self._exists()
        if names - {_TEMPORARY}:
            raise StoreExists(
                f"The directory {self.root} holds something else than a job store",
                "Choose a place that does not exist yet, or an empty directory",
            )
        with contextlib.suppress(FileExistsError):
            self._filesystem.make_directory(self.temporary, _FOLDER_MODE)
        self._put_marker()
        self._filesystem.sync(self.root)
        for folder in made:
            # A parent that this user may pass through and not read cannot be opened to be synced.
            with contextlib.suppress(PermissionError):
                self._filesystem.sync(os.path.dirname(folder))

    def is_there(self) -> bool:
        """Whether the directory is a store now."""
        return self._has(_MARKER)

    def open(self) -> None:
        """Clear away what dead processes left half written. Raises ``NoSuchStore``."""
        if not self.is_there():
            raise self.missing()
        # A store that may only be read is read all the same.
        with contextlib.suppress(OSError):
            for entry in list(self._filesystem.entries(self.temporary)):
                if is_gone(entry.name.rpartition(".")[0]):
                    self._unlink(f"{self.temporary}/{entry.name}")

    def new_file(self) -> tuple[str, int]:
        """A file for writing that nobody else knows, and its descriptor. Raises ``NoSuchStore``."""
        while True:
            path = f"{self.temporary}/{writer_tag()}.{next(self._numbers)}"
            try:
                return path, self._filesystem.create(path, FILE_MODE)
            except FileExistsError:
                # Left by a process of the same id, or made by a request that an NFS client repeated.
                continue
            except FileNotFoundError as error:
                raise self.missing() from error

    def link(self, temporary: str, path: str) -> None:
        """Give a file of ``new_file`` its final name. Raises ``FileExistsError`` if that is taken."""
        try:
            self._filesystem.link(temporary, path)
        except FileExistsError:
            # An NFS client that missed the answer asks again, and is told that the name it made is taken.
            # The count of names tells (open(2), under O_EXCL).
            if self._filesystem.status(temporary).st_nlink < 2:
                raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            raise StorageError(
                f"The file system of the job store {self._name} has no hard links, which a job store needs",
                "Choose another place with --job-store",
            ) from error

    def missing(self) -> NoSuchStore:
        """The error to raise when the store is not there."""
        if self._has(_DOOMED):
            return NoSuchStore(
                f"The job store {self._name} is being removed", f"If nobody does: toil clean {self._name}"
            )
        return NoSuchStore(f"There is no job store at {self._name}", "Check the path; a run without --restart makes it")

    @contextmanager
    def while_there(self) -> Iterator[None]:
        """Whatever is missing meanwhile is missing because the store is, if it is. Raises ``NoSuchStore``."""
        try:
            yield
        except FileNotFoundError as error:
            if not self.is_there():
                raise self.missing() from error
            raise

    def destroy(self) -> None:
        """Remove the store, or what an interrupted ``create`` or ``destroy`` left of one.

        Raises ``StorageError`` for a directory that is anything else, and removes nothing then.
        """
        if not self._has_root():
            return
        # In this order: another process that removes the store goes from the first name to the second.
        if self._has(_MARKER):
            # Another process may have finished meanwhile.
            with contextlib.suppress(FileNotFoundError):
                self._doom()
        elif not self._has(_DOOMED) and (found := self._foreign_name()):
            raise StorageError(
                f"{self.root} is not a job store: it holds {found}; nothing was removed",
                "If you want it gone, remove it yourself",
            )
        # Without this folder no put can begin any more.
        self._remove_tree(self.temporary)
        self._empty(self.root, kept=_DOOMED)
        # The mark must outlast all else, or power loss could leave objects that nobody may remove.
        with contextlib.suppress(FileNotFoundError):
            self._filesystem.sync(self.root)
        self._remove_tree(self.root)

    def _make_root(self) -> list[str]:
        if self._has_root():
            return [self.root]
        missing = []
        above = os.path.dirname(self.root)
        while not os.path.isdir(above):
            missing.append(above)
            above = os.path.dirname(above)
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                self._filesystem.make_directory(folder, 0o777)
        with contextlib.suppress(FileExistsError):
            self._filesystem.make_directory(self.root, _FOLDER_MODE)
        return [self.root, *missing]

    def _put_marker(self) -> None:
        temporary, descriptor = self.new_file()
        try:
            self._filesystem.write(descriptor, b"A job store of Toil. Remove it with: toil clean\n")
            self._filesystem.fsync(descriptor)
        finally:
            self._filesystem.close(descriptor)
        try:
            self.link(temporary, f"{self.root}/{_MARKER}")
        except FileExistsError as error:
            raise self._exists() from error
        finally:
            self._unlink(temporary)

    def _exists(self) -> StoreExists:
        return StoreExists(
            f"There is a job store at {self._name} already",
            f"Go on with its run with --restart, or remove it with: toil clean {self._name}",
        )

    def _doom(self) -> None:
        # Not by renaming: power loss may take both names of what was being renamed.
        with contextlib.suppress(FileExistsError):
            self._filesystem.link(f"{self.root}/{_MARKER}", f"{self.root}/{_DOOMED}")
        self._filesystem.sync(self.root)
        self._unlink(f"{self.root}/{_MARKER}")
        self._filesystem.sync(self.root)

    def _foreign_name(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return min((e.name for e in self._filesystem.entries(self.root) if e.name != _TEMPORARY), default="")
        return ""

    def _remove_tree(self, path: str) -> None:
        for _ in range(_SWEEPS):
            self._empty(path)
            try:
                self._filesystem.remove_directory(path)
                return
            except FileNotFoundError:
                return
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)

    def _empty(self, path: str, kept: str = "") -> None:
        try:
            entries = list(self._filesystem.entries(path))
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.is_directory:
                self._remove_tree(f"{path}/{entry.name}")
            elif entry.name != kept:
                self._unlink(f"{path}/{entry.name}")

    def _unlink(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._filesystem.unlink(path)

    def _has(self, name: str) -> bool:
        try:
            return stat.S_ISREG(self._mode(f"{self.root}/{name}"))
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _mode(self, path: str) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self._filesystem.status(path).st_mode
        # Another machine may have made it since this one looked. Not everybody may read the directory above.
        with contextlib.suppress(OSError):
            self._filesystem.look_anew(os.path.dirname(path))
        return self._filesystem.status(path).st_mode

    def _has_root(self) -> bool:
        try:
            mode = self._mode(self.root)
        except (FileNotFoundError, NotADirectoryError):
            return False
        if stat.S_ISLNK(mode):
            raise StorageError(
                f"{self.root} is a symbolic link; nothing was changed", f"Use {os.path.realpath(self.root)}"
            )
        if not stat.S_ISDIR(mode):
            raise StorageError(f"{self.root} is a file, not a job store; nothing was changed", "Choose another place")
        return True
