"""``file://`` URLs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError


class FileUrlAccess(UrlAccess):
    def __init__(self, options: Any = None) -> None:
        pass

    def facts(self, url: str) -> UrlFacts:
        path = _path(url)
        try:
            status = path.stat()
        except OSError as error:
            raise NoSuchUrl(f"There is no file {path}") from error
        return UrlFacts(status.st_size, path.is_dir(), bool(status.st_mode & 0o100))

    def read(self, url: str, start: int = 0) -> BinaryIO:
        stream = _path(url).open("rb")
        stream.seek(start)
        return stream

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        path = _path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with open(fd, "wb") as out:
                shutil.copyfileobj(content, out)
            os.chmod(temporary, 0o755 if is_executable else 0o644)
            os.replace(temporary, path)
        except OSError as error:
            raise UrlError(f"Cannot write {path}: {error.strerror}") from error

    def list(self, url: str) -> Sequence[str]:
        return sorted(e.name + ("/" if e.is_dir() else "") for e in os.scandir(_path(url)))

    def local_path(self, url: str) -> str | None:
        return str(_path(url))


def _path(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))
