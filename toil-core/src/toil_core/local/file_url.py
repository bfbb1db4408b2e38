"""``file://`` URLs: files of this machine (RFC 8089)."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes, urlsplit

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.writer_tag import is_gone, writer_tag

_NOT_THERE = (FileNotFoundError, NotADirectoryError)
_COPY_BYTES = 1 << 20
_UNFINISHED = ".toil-"


class FileUrlAccess(UrlAccess):
    """Reads, lists and writes; what was written survives power loss."""

    def __init__(self, options: None = None) -> None:
        self._umask = _umask()
        self._cleared: set[str] = set()

    def facts(self, url: str) -> UrlFacts:
        """Size and kind of what is at the path, symbolic links followed."""
        path = _path(url)
        with _doing("look at", path):
            status = os.stat(path)
        return UrlFacts(status.st_size, stat.S_ISDIR(status.st_mode), bool(status.st_mode & 0o100))

    def read(self, url: str, start: int = 0) -> BinaryIO:
        """The file, open at byte ``start``."""
        path = _path(url)
        with _doing("read", path):
            stream = open(path, "rb")  # noqa: SIM115  # the caller closes it
            stream.seek(start)
        return stream

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        """Write a new file, or replace one as a whole; missing folders are made."""

        def copy(temporary: str) -> None:
            with open(temporary, "wb") as out:
                shutil.copyfileobj(content, out, _COPY_BYTES)
                os.fchmod(out.fileno(), self._mode(is_executable))
                out.flush()
                os.fsync(out.fileno())

        self._put(_path(url), copy)

    def check_destination(self, url: str) -> None:
        """Whether a folder can be made, or a file written, in the nearest folder that is there."""
        path = Path(_path(url))
        there = next((one for one in (path, *path.parents) if os.path.lexists(one)), path)
        if there != path and not there.is_dir():
            raise UrlError(f"{there} is not a folder", "Name another place")
        folder = there if there.is_dir() else there.parent
        try:
            os.rmdir(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UrlError(f"{folder} cannot be written to: {reason}", "Name another place") from error

    def link(self, url: str, source: Path, *, is_executable: bool = False) -> bool:
        """Give the file a second name at the URL, if both are on one file system."""

        def link(temporary: str) -> None:
            os.unlink(temporary)
            os.link(source, temporary)
            os.chmod(temporary, self._mode(is_executable))

        try:
            self._put(_path(url), link)
        except UrlError as error:
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, _NOT_THERE):
                return False
            raise
        return True

    def list(self, url: str) -> Sequence[str]:
        """The names in a directory, sorted."""
        path = _path(url)
        if os.path.isfile(path):
            raise UrlError(f"{path} is a file, and not a folder", "Name the folder that it is in")
        with _doing("list", path), os.scandir(path) as entries:
            return sorted(entry.name + ("/" if entry.is_dir() else "") for entry in entries)

    def local_path(self, url: str) -> str | None:
        """The path itself."""
        return _path(url)

    def _mode(self, is_executable: bool) -> int:
        return (0o777 if is_executable else 0o666) & ~self._umask

    def _put(self, path: str, fill: Callable[[str], None]) -> None:
        folder = os.path.dirname(path)
        with _doing("write", path):
            os.makedirs(folder, exist_ok=True)
            self._clear_up(folder)
            descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f"{_UNFINISHED}{writer_tag()}-")
            os.close(descriptor)
            try:
                fill(temporary)
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
            _sync_names(folder)

    def _clear_up(self, folder: str) -> None:
        """Remove, once, what processes that were killed have left half written."""
        if folder in self._cleared:
            return
        self._cleared.add(folder)
        # A folder may be one to write to, and not to read.
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for name in [entry.name for entry in entries if entry.name.startswith(_UNFINISHED)]:
                if is_gone(name.removeprefix(_UNFINISHED).rpartition("-")[0]):
                    os.unlink(os.path.join(folder, name))


def _path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc.lower() not in ("", "localhost"):
        raise UrlError(f"The URL {url} names a file of the machine {parts.netloc}, not of this one")
    path = os.fsdecode(unquote_to_bytes(parts.path))  # a name is bytes, which need not be UTF-8
    if "\0" in path:
        raise UrlError(f"The URL {url} cannot name a file", "No name of a file has a zero byte")
    return path


def _umask() -> int:
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0o022)  # the only other way to learn it, and for a moment other threads see it
    os.umask(mask)
    return mask


def _sync_names(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _doing(operation: str, path: str) -> Iterator[None]:
    try:
        yield
    except _NOT_THERE as error:
        raise NoSuchUrl(f"There is no {path}") from error
    except OSError as error:
        raise UrlError(f"Cannot {operation} {path}: {(error.strerror or str(error)).lower()}") from error
