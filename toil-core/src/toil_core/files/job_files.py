"""One attempt's view of the run's files; implements ``api.job.FileAccess``."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from toil_core.files.urls import as_url
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId

if TYPE_CHECKING:
    from toil_core.files.node_files import NodeFiles

SMALL_BYTES = 64 * 1024


class _Hashing(io.RawIOBase):
    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.sha1 = hashlib.sha1(usedforsecurity=False)
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        content = self._source.read(len(buffer))
        buffer[: len(content)] = content
        self.sha1.update(content)
        self.size += len(content)
        return len(content)


class JobFiles:
    def __init__(self, node: NodeFiles, attempt: AttemptId, work_dir: Path) -> None:
        self._node = node
        self._attempt = attempt
        self._work_dir = work_dir
        self.written: list[FileRef] = []
        self.deleted: list[FileRef] = []

    def write(self, path: Path, *, name: str = "", move: bool = False) -> FileRef:
        status = path.stat()
        executable = bool(status.st_mode & 0o100)
        if status.st_size <= SMALL_BYTES and self._node.appends:
            return self._small(path.read_bytes(), name or path.name, executable)
        with path.open("rb") as stream:
            return self._large(stream, name or path.name, executable)

    def write_bytes(self, content: bytes, *, name: str = "") -> FileRef:
        if len(content) <= SMALL_BYTES and self._node.appends:
            return self._small(content, name, False)
        return self._large(io.BytesIO(content), name, False)

    def _small(self, content: bytes, name: str, executable: bool) -> FileRef:
        key, offset = self._node.append(content)
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        ref = FileRef(key, len(content), f"sha1${digest}", offset, name, executable)
        self.written.append(ref)
        return ref

    def _large(self, stream: BinaryIO, name: str, executable: bool) -> FileRef:
        key = f"files/{self._attempt}/{uuid.uuid4().hex}"
        hashing = _Hashing(stream)
        self._node.storage.put(key, hashing)  # type: ignore[arg-type]
        ref = FileRef(key, hashing.size, f"sha1${hashing.sha1.hexdigest()}", None, name, executable)
        self.written.append(ref)
        return ref

    def read(self, ref: FileRef, path: Path, *, mutable: bool = False) -> None:
        local = self._node.local_object(ref)
        if local is not None and not mutable:
            path.symlink_to(local)
            return
        with self.open(ref) as source, path.open("wb") as out:
            shutil.copyfileobj(source, out)
        if ref.executable:
            os.chmod(path, 0o755)

    def local_path(self, ref: FileRef) -> Path:
        local = self._node.local_object(ref)
        if local is not None:
            return local
        folder = self._work_dir / f"in-{uuid.uuid4().hex[:8]}"
        folder.mkdir()
        path = folder / (ref.name or "file")
        self.read(ref, path)
        return path

    def open(self, ref: FileRef) -> BinaryIO:
        return self._node.open(ref)

    def delete(self, ref: FileRef) -> None:
        self.deleted.append(ref)

    def import_url(self, url: str, *, by_reference: bool = True) -> FileRef:
        url = as_url(url)
        access = self._node.urls.access(url)
        facts = access.facts(url)
        name = url.rpartition("/")[2]
        if by_reference and access.local_path(url) is not None:
            return FileRef(
                url, facts.size or 0, name=Path(access.local_path(url) or "").name, executable=facts.is_executable
            )
        with access.read(url) as stream:
            return self._large(stream, name, facts.is_executable)

    def export(self, ref: FileRef, url: str, *, move: bool = False) -> None:
        url = as_url(url)
        with self.open(ref) as stream:
            self._node.urls.access(url).write(url, stream, is_executable=ref.executable)

    def list_url(self, url: str) -> Sequence[str]:
        url = as_url(url)
        return self._node.urls.access(url).list(url)

    def url_exists(self, url: str) -> bool:
        from toil_core.errors import NoSuchUrl

        try:
            self._node.urls.access(as_url(url)).facts(as_url(url))
        except NoSuchUrl:
            return False
        return True

    def finish(self) -> None:
        pass
