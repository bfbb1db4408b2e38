"""Where outputs are put: a folder of this machine, or a URL of any kind that an installed plugin writes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from urllib.parse import quote, unquote, urlsplit

from toil_core.api.job import FileAccess
from toil_core.api.url_access import UrlAccess
from toil_core.errors import UrlError, UsageError
from toil_core.files.urls import as_url
from toil_core.model.file import FileRef
from toil_cwl.values import Object

_CURE = "Name another folder by --outdir"


class Destination(Protocol):
    """Takes files at relative paths. Thread-safe."""

    def make(self, path: PurePosixPath) -> None:
        """Have a directory."""

    def put(self, ref: FileRef, path: PurePosixPath) -> None:
        """Write a stored file's content; the store's copy may be given up."""

    def put_text(self, text: str, path: PurePosixPath) -> None:
        """Write a text."""

    def shown(self, path: PurePosixPath) -> Object:
        """The fields of a File or Directory that tell where it is."""

    def size(self, path: PurePosixPath) -> int:
        """The size of what was written, in bytes."""

    def checksum(self, path: PurePosixPath) -> str:
        """The checksum of what was written, as CWL writes it."""


def destination(outdir: str, files: FileAccess) -> Destination:
    """The destination that a person names by a path or a URL."""
    folder = local_folder(outdir)
    return UrlFolder(outdir, files) if folder is None else LocalFolder(folder, files)


def local_folder(outdir: str) -> Path | None:
    """The folder of this machine that is meant, absolute, or ``None`` for that of another."""
    if outdir.startswith("file:"):
        return Path(unquote(urlsplit(outdir).path)).absolute()
    return None if "://" in outdir else Path(outdir or ".").absolute()


def refuse_destination(outdir: str, access: Callable[[str], UrlAccess]) -> None:
    """Before anything runs: raise ``UsageError`` if it is certain that outputs could not be left there, and
    ``UnknownPlugin`` for a URL of a kind that no installed plugin knows."""
    folder = local_folder(outdir)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise no_destination(folder, f"{folder} is not a folder")
    url = as_url(outdir) if folder is None else folder.as_uri()
    try:
        access(url).check_destination(url)
    except UrlError as error:
        if folder is not None:
            raise no_destination(folder, error.message) from error
        raise UsageError(f"Outputs cannot be left there: {error.message}", error.cure or _CURE) from error


def refuse_summary(file: Path, access: Callable[[str], UrlAccess]) -> None:
    """Before anything runs: raise ``UsageError`` if the output object could not be written to a file."""
    url = file.absolute().as_uri()
    try:
        if file.is_dir():
            raise UrlError("it is a folder")
        access(url).check_destination(url)
    except UrlError as error:
        message = f"The output object cannot be written to {file}: {error.message}"
        raise UsageError(message, "Name another file by --write-summary") from error


def no_destination(outdir: Path | str, reason: str) -> UsageError:
    """What is raised if outputs cannot be left in a folder or at a URL."""
    return UsageError(f"Outputs cannot be left in {outdir}: {reason}", _CURE)


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, folder: Path, files: FileAccess) -> None:
        self._folder = folder
        self._files = files

    def make(self, path: PurePosixPath) -> None:
        """Have a directory."""
        (self._folder / path).mkdir(parents=True, exist_ok=True)

    def put(self, ref: FileRef, path: PurePosixPath) -> None:
        """Write a stored file's content; the store's copy may be given up."""
        self._files.export(ref, (self._folder / path).as_uri(), move=True)

    def put_text(self, text: str, path: PurePosixPath) -> None:
        """Write a text."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # a link there could lead out of the folder
        target.write_text(text)

    def shown(self, path: PurePosixPath) -> Object:
        """The fields of a File or Directory that tell where it is."""
        target = self._folder / path
        return {"location": target.as_uri(), "path": str(target), "basename": path.name}

    def size(self, path: PurePosixPath) -> int:
        """The size of what was written, in bytes."""
        return (self._folder / path).stat().st_size

    def checksum(self, path: PurePosixPath) -> str:
        """The checksum of what was written, as CWL writes it."""
        with (self._folder / path).open("rb") as stream:
            return _sha1(stream)


class UrlFolder:
    """A URL below which files are put. Directories are what the names of files tell of them."""

    def __init__(self, url: str, files: FileAccess) -> None:
        self._url = url.rstrip("/")
        self._files = files
        self._written: dict[PurePosixPath, FileRef] = {}

    def make(self, path: PurePosixPath) -> None:
        """Nothing is to be made."""

    def put(self, ref: FileRef, path: PurePosixPath) -> None:
        """Write a stored file's content."""
        self._files.export(ref, self._at(path))
        self._written[path] = ref

    def put_text(self, text: str, path: PurePosixPath) -> None:
        """Write a text."""
        self.put(self._files.write_bytes(text.encode(), name=path.name), path)

    def shown(self, path: PurePosixPath) -> Object:
        """The fields of a File or Directory that tell where it is."""
        return {"location": self._at(path), "basename": path.name}

    def size(self, path: PurePosixPath) -> int:
        """The size of what was written, in bytes."""
        return self._written[path].size

    def checksum(self, path: PurePosixPath) -> str:
        """The checksum of what was written, as CWL writes it."""
        ref = self._written[path]
        if ref.checksum:
            return ref.checksum
        with self._files.open(ref) as stream:
            return _sha1(stream)

    def _at(self, path: PurePosixPath) -> str:
        return f"{self._url}/{quote(str(path))}"


def _sha1(stream: BinaryIO) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    while block := stream.read(1 << 20):
        digest.update(block)
    return f"sha1${digest.hexdigest()}"
