"""URLs of every scheme that an installed plugin provides."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toil_core.api.url_access import UrlAccess
from toil_core.model.web_host import web_host

_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*")


class Urls:
    """Finds the access for a URL, and makes that of each scheme and each web server once. Thread-safe."""

    def __init__(self, find: Callable[[str], UrlAccess]) -> None:
        self._find = find
        self._accesses: dict[str, UrlAccess] = {}

    def access(self, url: str) -> UrlAccess:
        """The access for a URL. Raises ``UnknownPlugin`` naming what to install."""
        kind = web_host(url) or url.partition(":")[0].lower()
        found = self._accesses.get(kind)
        if found is None:
            found = self._accesses.setdefault(kind, self._find(url))
        return found


def as_url(url_or_path: str) -> str:
    """The URL itself, its scheme in lower case (RFC 3986 section 3.1), or the ``file://`` URL of a path.

    ``file:PATH`` is the URL of a path too, also of a relative one, percent-encoded like any URL.
    """
    scheme, colon, rest = url_or_path.partition(":")
    if colon and _SCHEME.fullmatch(scheme):
        if rest.startswith("//"):
            return f"{scheme.lower()}:{rest}"
        if scheme.lower() == "file" and rest:
            return Path(unquote(rest)).absolute().as_uri()
    return Path(url_or_path).absolute().as_uri()


def name_in(url: str) -> str:
    """The name of the file that a URL points to, without its query, which may hold a signature; empty
    if it tells none that a file of this machine could have."""
    name = unquote(urlsplit(url).path.rstrip("/")).rpartition("/")[2]
    return "" if name in (".", "..") or "\0" in name else name
