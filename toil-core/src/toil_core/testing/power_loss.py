"""A file system that forgets what was not synced when the power goes.

::

    filesystem = PowerLossFileSystem(tmp_path)
    storage = FileStorage(str(tmp_path / "store"), None, filesystem)
    ...
    filesystem.lose_power_after(7)      # optional: after seven more changes everything raises PowerLost
    ...
    filesystem.crash()                  # or crash(seed): power is back, and this is what is left
    storage = FileStorage(str(tmp_path / "store"), None, filesystem)

Files lie below ``root`` as usual, so that everything may read them. Beside them it remembers what a
disk would hold: a file's bytes are durable once the file was synced, a name once the directory that
holds it was. It is weaker than any real file system: of the names changed since a directory was
synced any selection may survive, and of bytes not synced any part, or zeros in their place. A file
whose name has survived and whose bytes have not is there, and empty.
"""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toil_core.system.filesystem import Entry, FileSystem


class PowerLost(Exception):
    """The power went; nothing works until ``crash`` has been called."""


@dataclass(eq=False)
class _File:
    content: bytearray = field(default_factory=bytearray)
    durable_bytes: int = 0


@dataclass(eq=False)
class _Directory:
    """``unsynced`` holds for each changed name what a disk may have there, the durable state first."""

    names: dict[str, _File | _Directory] = field(default_factory=dict)
    unsynced: dict[str, list[_File | _Directory | None]] = field(default_factory=dict)

    def change(self, name: str, node: _File | _Directory | None) -> None:
        self.unsynced.setdefault(name, [self.names.get(name)]).append(node)
        if node is None:
            self.names.pop(name, None)
        else:
            self.names[name] = node


class PowerLossFileSystem(FileSystem):
    """The files below ``root``, an existing directory; may be used by all threads of one process.

    ``changes`` counts what was done to the disk so far, each a moment at which the power may go.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.abspath(root)
        self._lock = threading.RLock()
        self._open: dict[int, _File] = {}
        self._tree = _read_tree(self._root)
        self._last_change: int | None = None
        self.changes = 0

    def lose_power_after(self, changes: int) -> None:
        """Lose the power after so many more changes: from then on everything raises ``PowerLost``."""
        self._last_change = self.changes + changes

    def crash(self, seed: int | None = None) -> None:
        """Lose the power, and put on disk what survived: only what was synced, or, with a seed, more by chance."""
        with self._lock:
            for descriptor in self._open:
                os.close(descriptor)
            self._open.clear()
            disk = _Disk(None if seed is None else random.Random(seed))
            self._tree = disk.directory(self._tree)
            for name in os.listdir(self._root):
                path = os.path.join(self._root, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
            disk.write(self._tree, self._root)
            self._last_change = None

    def create(self, path: str, mode: int) -> int:
        """As the real one; the name is not durable yet."""
        with self._change():
            descriptor = super().create(path, mode)
            self._open[descriptor] = node = _File()
            self._set(path, node)
            return descriptor

    def open_append(self, path: str, mode: int) -> int:
        """As the real one; a name it makes is not durable yet."""
        with self._change():
            descriptor = super().open_append(path, mode)
            node = self._node(path)
            if not isinstance(node, _File):
                node = _File()
                self._set(path, node)
            self._open[descriptor] = node
            return descriptor

    def write(self, descriptor: int, content: bytes | memoryview) -> None:
        """As the real one; the bytes are not durable yet."""
        with self._change():
            node = self._file(descriptor)
            super().write(descriptor, content)
            node.content += content

    def fsync(self, descriptor: int) -> None:
        """Make the file's bytes durable, and not its name."""
        with self._change():
            node = self._file(descriptor)
            node.durable_bytes = len(node.content)

    def sync(self, path: str) -> None:
        """Make a file's bytes or a directory's names durable, and nothing above it."""
        with self._change():
            super().status(path)
            node = self._node(path)
            if isinstance(node, _File):
                node.durable_bytes = len(node.content)
            elif node is not None:
                node.unsynced.clear()

    def close(self, descriptor: int) -> None:
        """As the real one; nothing becomes durable by it."""
        with self._lock:
            if self._open.pop(descriptor, None) is not None:
                super().close(descriptor)

    def link(self, source: str, target: str) -> None:
        """As the real one; the name is not durable yet."""
        with self._change():
            super().link(source, target)
            self._set(target, self._node(source))

    def rename(self, source: str, target: str) -> None:
        """As the real one; after a crash the file may have either name, both or none."""
        with self._change():
            super().rename(source, target)
            self._set(target, self._node(source))
            self._set(source, None)

    def unlink(self, path: str) -> None:
        """As the real one; the name may be back after a crash."""
        with self._change():
            super().unlink(path)
            self._set(path, None)

    def make_directory(self, path: str, mode: int) -> None:
        """As the real one; the name is not durable yet."""
        with self._change():
            super().make_directory(path, mode)
            self._set(path, _Directory())

    def remove_directory(self, path: str) -> None:
        """As the real one; the name may be back after a crash."""
        with self._change():
            super().remove_directory(path)
            self._set(path, None)

    def open_read(self, path: str) -> io.FileIO:
        """As the real one, while there is power."""
        self._check_power()
        return super().open_read(path)

    def entries(self, path: str) -> Iterator[Entry]:
        """As the real one, while there is power."""
        self._check_power()
        return super().entries(path)

    def status(self, path: str) -> os.stat_result:
        """As the real one, while there is power."""
        self._check_power()
        return super().status(path)

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._lock:
            self._check_power()
            self.changes += 1
            yield

    def _check_power(self) -> None:
        if self._last_change is not None and self.changes >= self._last_change:
            raise PowerLost

    def _file(self, descriptor: int) -> _File:
        if descriptor not in self._open:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._open[descriptor]

    def _node(self, path: str) -> _File | _Directory | None:
        """What is at a path; ``None`` if nothing is, or if the path is not below the root."""
        if path == self._root:
            return self._tree
        above, _, name = path.rpartition("/")
        if not above:
            return None
        directory = self._node(above)
        return directory.names.get(name) if isinstance(directory, _Directory) else None

    def _set(self, path: str, node: _File | _Directory | None) -> None:
        above, _, name = path.rpartition("/")
        directory = self._node(above)
        if not isinstance(directory, _Directory):
            raise ValueError(f"{path} is not below {self._root}, whose power is to be lost")
        directory.change(name, node)


class _Disk:
    """What a disk holds after the power went: with ``chance``, some of what was not synced as well."""

    def __init__(self, chance: random.Random | None) -> None:
        self._chance = chance
        self._files: dict[_File, _File] = {}
        self._paths: dict[_File, str] = {}

    def directory(self, before: _Directory) -> _Directory:
        """What is left of a directory; a file with two names stays one file."""
        after = _Directory()
        possible = {name: [node] for name, node in before.names.items()} | before.unsynced
        for name, nodes in sorted(possible.items(), key=lambda item: item[0]):
            node = self._chance.choice(nodes) if self._chance else nodes[0]
            if isinstance(node, _Directory):
                after.names[name] = self.directory(node)
            elif node is not None:
                after.names[name] = self._file(node)
        return after

    def write(self, directory: _Directory, path: str) -> None:
        """Lay a directory's content out below an empty real one."""
        for name, node in directory.names.items():
            below = f"{path}/{name}"
            if isinstance(node, _Directory):
                os.mkdir(below, 0o700)
                self.write(node, below)
            elif node in self._paths:
                os.link(self._paths[node], below)
            else:
                Path(below).write_bytes(node.content)
                self._paths[node] = below

    def _file(self, before: _File) -> _File:
        if before not in self._files:
            content = before.content[: before.durable_bytes]
            if self._chance:
                content = before.content[: self._chance.randint(before.durable_bytes, len(before.content))]
                # File systems that allocate late may keep the new length and lose the bytes.
                content += bytes(self._chance.choice((0, len(before.content) - len(content))))
            self._files[before] = _File(content, len(content))
        return self._files[before]


def _read_tree(path: str) -> _Directory:
    directory = _Directory()
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            directory.names[entry.name] = _read_tree(entry.path)
        else:
            content = bytearray(Path(entry.path).read_bytes())
            directory.names[entry.name] = _File(content, len(content))
    return directory
