"""Files as one stream, and back."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from toil_core.deployment.own_files import SentFile
from toil_core.errors import StorageError

_EXECUTABLE = 0o100
_SWIFT = 1  # code is sent once and read at once: packing it tighter costs more than it saves


def identity(files: Sequence[SentFile]) -> str:
    """A hash of names and contents: equal for equal code, wherever and whenever it was installed."""
    whole = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        with open(file.path, "rb") as source:
            content = hashlib.sha256()
            while piece := source.read(1 << 20):
                content.update(piece)
            executable = bool(os.fstat(source.fileno()).st_mode & _EXECUTABLE)
        whole.update(f"{file.name}\0{executable}\0{content.hexdigest()}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()


def pack(files: Sequence[SentFile]) -> IO[bytes]:
    """A temporary file with the archive, to be read from its beginning and closed by the caller."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  the caller's
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=_SWIFT) as archive:
        for file in files:
            with open(file.path, "rb") as source:
                status = os.fstat(source.fileno())
                member = tarfile.TarInfo(file.name)
                member.size = status.st_size
                member.mode = 0o755 if status.st_mode & _EXECUTABLE else 0o644
                archive.addfile(member, source)
    out.seek(0)
    return out


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
