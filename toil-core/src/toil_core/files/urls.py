"""URLs of every scheme that an installed plugin provides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from toil_core.api.url_access import UrlAccess


class Urls:
    """Finds the access for a URL, and makes each scheme's access once. Thread-safe."""

    def __init__(self, find: Callable[[str], UrlAccess]) -> None:
        self._find = find
        self._accesses: dict[str, UrlAccess] = {}

    def access(self, url: str) -> UrlAccess:
        """The access for a URL. Raises ``UnknownPlugin`` naming what to install."""
        scheme = url.partition(":")[0].lower()
        found = self._accesses.get(scheme)
        if found is None:
            found = self._accesses.setdefault(scheme, self._find(url))
        return found


def as_url(url_or_path: str) -> str:
    """The URL itself, or the ``file://`` URL of a path."""
    return url_or_path if "://" in url_or_path else Path(url_or_path).absolute().as_uri()
