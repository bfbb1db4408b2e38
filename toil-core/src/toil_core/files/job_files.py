"""One attempt's view of the run's files; implements ``api.job.FileAccess``."""

from __future__ import annotations

import io
import os
import shutil
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from toil_core.errors import NoSuchObject, NoSuchUrl, UrlError
from toil_core.files.hashing import HashingStream, checksum_of
from toil_core.files.node_files import NodeFiles
from toil_core.files.packs import Pack
from toil_core.files.urls import as_url, check_listed, name_in, plain_name, shown_url
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId
from toil_core.system.copying import copy_content

SMALL_BYTES = 64 * 1024
"""Files up to this size share objects."""

SHARED = "shared/"
"""Before the names of what is kept by name, and never collected."""


class JobFiles:
    """Thread-safe. ``work_dir`` is the attempt's, and made when a file must be put there.

    ``written`` and ``deleted`` are what the attempt's outcome must tell. ``gives_up``: the store goes
    when its run has ended, so that an export with ``move`` may take its copy.
    """

    def __init__(self, node: NodeFiles, attempt: AttemptId, work_dir: Path) -> None:
        self._node = node
        self._attempt = attempt
        self._work_dir = work_dir
        self._pack = None if node.appends else Pack(node.storage, node.new_pack)
        self.written: list[FileRef] = []
        self.deleted: list[FileRef] = []
        self._unwanted: set[tuple[str, int | None]] = set()
        self.gives_up = False
        self._given: set[Path] = set()
        self._lock = threading.Lock()

    @property
    def shares_files(self) -> bool:
        """Whether the jobs of the run see this machine's own files, so that they need not be imported."""
        return self._node.shares_files

    def write(self, path: Path, *, name: str = "", move: bool = False) -> FileRef:
        """Store a local file's content. With ``move`` the file is gone afterwards."""
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            executable = bool(status.st_mode & 0o100)
            if status.st_size <= SMALL_BYTES:
                ref = self._small(stream.read(), name or path.name, executable)
            elif move:
                return self._taken(path, stream, name or path.name, executable)
            else:
                ref = self._large(stream, name or path.name, executable)
        if move:
            path.unlink()
        return ref

    def write_bytes(self, content: bytes, *, name: str = "") -> FileRef:
        """Store bytes."""
        if len(content) <= SMALL_BYTES:
            return self._small(content, name, False)
        return self._large(io.BytesIO(content), name, False)

    def read(self, ref: FileRef, path: Path, *, mutable: bool = False) -> None:
        """Have the content at the new path ``path``, by link where that is possible."""
        self._check_wanted(ref)
        here = self._node.path_here(ref)
        if here is not None and not mutable:
            path.symlink_to(here)
        elif here is not None:
            copy_content(str(here), str(path))
            os.chmod(path, 0o755 if ref.executable else 0o644)
        elif mutable or ref.offset is not None:
            with self.open(ref) as source, path.open("xb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            if ref.executable:
                os.chmod(path, 0o755)
        else:
            self._node.place(ref, path)

    def local_path(self, ref: FileRef) -> Path:
        """A path on this node with the content; valid until the job ends."""
        self._check_wanted(ref)
        here = self._node.path_here(ref)
        if here is not None:
            return here
        folder = self._work_dir / f"in-{uuid.uuid4().hex[:8]}"
        folder.mkdir(mode=0o700, parents=True)
        path = folder / (plain_name(ref.name) or "file")
        self.read(ref, path)
        return path

    def open(self, ref: FileRef) -> BinaryIO:
        """A stream of the content; the caller closes it."""
        self._check_wanted(ref)
        if self._pack is not None and ref.offset is not None:
            unstored = self._pack.open(ref.key, ref.offset, ref.size)
            if unstored is not None:
                return unstored
        return self._node.open(ref)

    def delete(self, ref: FileRef) -> None:
        """Say that a file is no longer wanted: this attempt can read it no more, and it goes when the job has
        succeeded."""
        self.deleted.append(ref)
        if not ref.is_by_reference:  # what is imported twice has one reference, and may be wanted by the other
            self._unwanted.add((ref.key, ref.offset))

    def put_shared(self, name: str, content: BinaryIO) -> None:
        """Keep content under a name; a second put replaces it."""
        self._node.storage.put(f"{SHARED}{name}", content)

    def open_shared(self, name: str) -> BinaryIO:
        """A stream of what was put last under a name; the caller closes it."""
        return self._node.storage.get(f"{SHARED}{name}")

    def import_url(self, url: str, *, by_reference: bool = True) -> FileRef:
        """The content of a URL: by reference where it is a path that every machine of the run sees; by a copy
        that the store's service makes where it can, and then without a checksum; else by reading it."""
        url = as_url(url)
        access = self._node.urls.access(url)
        facts = access.facts(url)
        if facts.is_directory:
            raise UrlError(f"{shown_url(url)} is a folder, and not a file", "Name a file in it")
        here = access.local_path(url)
        name = name_in(url) if here is None else Path(here).name
        if by_reference and here is not None and self.shares_files:
            return FileRef(url, facts.size or 0, name=name, executable=facts.is_executable)
        # A small file is read with no more requests than it is copied with, and its checksum is known then.
        if facts.size is not None and facts.size > SMALL_BYTES:
            key = self._new_key()
            size = self._node.storage.copy_url(key, url)
            if size is not None:
                return self._told(FileRef(key, size, name=name, executable=facts.is_executable))
        with access.read(url) as stream:
            return self._large(stream, name, facts.is_executable)

    def export(self, ref: FileRef, url: str, *, move: bool = False) -> None:
        """Write a file's content to a URL, atomically; by link if the store's copy may be given up."""
        url = as_url(url)
        access = self._node.urls.access(url)
        if move and self.gives_up and not ref.is_by_reference:
            here = self._node.path_here(ref)
            if here is not None and self._is_to_give(here) and access.link(url, here, is_executable=ref.executable):
                return
        with self.open(ref) as stream:
            access.write(url, stream, is_executable=ref.executable)

    def list_url(self, url: str) -> Sequence[str]:
        """The names in a directory at a URL, directories with a slash behind. Raises ``UrlError`` for names that
        no directory of a machine can have, too."""
        url = as_url(url)
        names = self._node.urls.access(url).list(url)
        check_listed(names, url)
        return names

    def url_exists(self, url: str) -> bool:
        """Whether something is at the URL."""
        url = as_url(url)
        try:
            self._node.urls.access(url).facts(url)
        except NoSuchUrl:
            return False
        return True

    def finish(self) -> None:
        """Store what was only kept so far. Called before an outcome tells of it."""
        if self._pack is not None:
            self._pack.store()

    def _check_wanted(self, ref: FileRef) -> None:
        if (ref.key, ref.offset) in self._unwanted:
            raise NoSuchObject(f'The job has deleted the file "{ref.name or ref.key}"', "Delete it after it was read")

    def _small(self, content: bytes, name: str, executable: bool) -> FileRef:
        key, offset = self._node.append(content) if self._pack is None else self._pack.add(content)
        return self._told(FileRef(key, len(content), checksum_of(content), offset, name, executable))

    def _large(self, stream: BinaryIO, name: str, executable: bool) -> FileRef:
        key = self._new_key()
        passing = HashingStream(stream)
        self._node.storage.put(key, passing)  # type: ignore[arg-type]  # a binary stream, but not by inheritance
        return self._told(FileRef(key, passing.size, passing.checksum, None, name, executable))

    def _taken(self, path: Path, stream: BinaryIO, name: str, executable: bool) -> FileRef:
        key = self._new_key()
        passing = HashingStream(stream)
        while passing.read(1 << 20):
            pass
        if not self._node.storage.take(key, str(path)):
            stream.seek(0)
            self._node.storage.put(key, stream)
            path.unlink()
        return self._told(FileRef(key, passing.size, passing.checksum, None, name, executable))

    def _new_key(self) -> str:
        return f"files/{self._attempt}/{uuid.uuid4().hex}"

    def _is_to_give(self, path: Path) -> bool:
        # Once only: by two links, an edit of one output would change another.
        with self._lock:
            if path in self._given or not path.exists() or path.stat().st_nlink != 1:
                return False
            self._given.add(path)
            return True

    def _told(self, ref: FileRef) -> FileRef:
        self.written.append(ref)
        return ref
