"""Files as one stream, and back."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from toil_core.deployment.own_files import SentFile
from toil_core.errors import StorageError

_EXECUTABLE = 0o100
_SWIFT = 1  # code is sent once and read at once: packing it tighter costs more than it saves


@dataclass(frozen=True, slots=True)
class Packed:
    """A temporary file with an archive, at its beginning, to be closed by the caller; and its contents' identity."""

    stream: IO[bytes]
    identity: str


def identity(files: Sequence[SentFile]) -> str:
    """A hash of names and contents: equal for equal code, wherever and whenever it was installed."""
    lines = []
    for file in files:
        with open(file.path, "rb") as source:
            read = _Hashed(source)
            while read.read(1 << 20):
                pass
            lines.append(_line(file.name, _is_executable(source), read))
    return _whole(lines)


def pack(files: Sequence[SentFile]) -> Packed:
    """Their contents as they are now, be they edited at the same time."""
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(tempfile.TemporaryFile())
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=_SWIFT) as archive:
            lines = [_add(file, archive) for file in files]
        out.seek(0)
        stack.pop_all()  # the caller's
        return Packed(out, _whole(lines))


def _add(file: SentFile, archive: tarfile.TarFile) -> str:
    with open(file.path, "rb") as source:
        member = tarfile.TarInfo(file.name)
        member.size = os.fstat(source.fileno()).st_size
        is_executable = _is_executable(source)
        member.mode = 0o755 if is_executable else 0o644
        read = _Hashed(source)
        archive.addfile(member, cast(IO[bytes], read))
    return _line(file.name, is_executable, read)


class _Hashed:
    """A stream that hashes what is read of it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self._hash.update(piece)
        return piece

    def digest(self) -> str:
        return self._hash.hexdigest()


def _is_executable(source: BinaryIO) -> bool:
    return bool(os.fstat(source.fileno()).st_mode & _EXECUTABLE)


def _line(name: str, is_executable: bool, read: _Hashed) -> str:
    return f"{name}\0{is_executable}\0{read.digest()}\n"


def _whole(lines: list[str]) -> str:
    return hashlib.sha256("".join(sorted(lines)).encode(errors="surrogateescape")).hexdigest()


def unpack(archive: BinaryIO, folder: Path) -> None:
    """Write an archive's files below a folder that is there. Raises ``StorageError`` if it is not whole."""
    try:
        with tarfile.open(fileobj=archive, mode="r|gz") as members:
            for member in members:
                _write(members, member, folder)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise StorageError(f"The code of the run is damaged in the job store: {error}", "Restart the run") from error


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = PurePosixPath(member.name)
    source = members.extractfile(member)
    if source is None or name.is_absolute() or ".." in name.parts:
        raise tarfile.ReadError(f"it holds {member.name!r}")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with source, path.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    if member.mode & _EXECUTABLE:
        path.chmod(0o755)
