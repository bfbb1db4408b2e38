"""The file operations that storage is built from, and what each promises about power loss.

``FileSystem`` is the real thing. A double subclasses it: to lose what was not synced, to fill the
disk, to answer as a network file system does. Paths are absolute strings, file descriptors plain
integers; errors are ``OSError``. Every operation may be called concurrently.

Two things become durable separately: a file's bytes by ``fsync`` or ``sync`` of the file, and its
name by ``sync`` of the directory that holds it.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass

# On macOS fsync(2) leaves the bytes in the drive's cache; fcntl(2) there says to use this instead.
_FULL_FSYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a directory. A symbolic link is neither a file nor a directory."""

    name: str
    is_file: bool
    is_directory: bool


class FileSystem:
    """The operating system's files."""

    def create(self, path: str, mode: int) -> int:
        """A descriptor for writing a new file. Raises ``FileExistsError``."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def open_append(self, path: str, mode: int) -> int:
        """A descriptor that writes at the file's end; the file is made if it is not there."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def open_read(self, path: str) -> io.FileIO:
        """A file for reading, unbuffered. Raises ``IsADirectoryError`` for a directory."""
        return io.FileIO(path, "rb", opener=_open_unfollowed)

    def write(self, descriptor: int, content: bytes | memoryview) -> None:
        """Write all of ``content``. If it raises, a part may have been written."""
        written = os.write(descriptor, content)
        while written < len(content):
            written += os.write(descriptor, memoryview(content)[written:])

    def append(self, descriptor: int, content: bytes) -> int:
        """Write all of ``content`` at the end of a file with one writer; where in the file it begins."""
        self.write(descriptor, content)
        return os.lseek(descriptor, 0, os.SEEK_CUR) - len(content)

    def fsync(self, descriptor: int) -> None:
        """Make the file's bytes durable."""
        if _FULL_FSYNC is None:
            os.fsync(descriptor)
        else:
            fcntl.fcntl(descriptor, _FULL_FSYNC)

    def sync(self, path: str) -> None:
        """Make a file's bytes, whoever wrote them, or a directory's names durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        """Give a descriptor back."""
        os.close(descriptor)

    def link(self, source: str, target: str) -> None:
        """Give a file a second name. Raises ``FileExistsError`` if the name is taken, atomically."""
        os.link(source, target)

    def rename(self, source: str, target: str) -> None:
        """Move a file to a name, replacing the file that has it, atomically."""
        os.rename(source, target)

    def change_mode(self, path: str, mode: int) -> None:
        """Set a file's permissions."""
        os.chmod(path, mode)

    def unlink(self, path: str) -> None:
        """Remove a file's name, or a symbolic link."""
        os.unlink(path)

    def make_directory(self, path: str, mode: int) -> None:
        """Make a directory; its parent is there."""
        os.mkdir(path, mode)

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""
        os.rmdir(path)

    def entries(self, path: str) -> Iterator[Entry]:
        """What a directory holds, in no order; what changes meanwhile may or may not be seen."""
        with os.scandir(path) as found:
            for entry in found:
                yield Entry(entry.name, entry.is_file(follow_symlinks=False), entry.is_dir(follow_symlinks=False))

    def look_anew(self, path: str) -> None:
        """Forget what is remembered of a directory's names.

        A client of NFS may remember for a minute that a name was not there; opening the directory
        makes it ask the server whether the directory has changed.
        """
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def status(self, path: str) -> os.stat_result:
        """Facts about a path itself; a symbolic link is not followed."""
        return os.lstat(path)


def _open_unfollowed(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
