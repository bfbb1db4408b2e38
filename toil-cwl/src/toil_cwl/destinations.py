"""Where outputs are put: a folder of this machine, or a URL of any kind that an installed plugin writes."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from urllib.parse import quote, unquote, urlsplit

from toil_core.api.job import FileAccess
from toil_core.errors import UsageError
from toil_core.model.file import FileRef
from toil_cwl.values import Object

_READ_ONLY = ("http:", "https:", "data:")


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


def refuse_read_only(url: str, files: FileAccess) -> None:
    """Before anything runs: raise ``UsageError`` for a URL of a kind that nobody here can write."""
    if url.lower().startswith(_READ_ONLY):
        raise UsageError(f"Outputs cannot be left at {url}: such URLs are read only", "Name a folder by --outdir")
    files.url_exists(url)  # raises for a kind that no installed plugin knows


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
