"""URLs of every scheme that an installed plugin provides."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toil_core.api.url_access import UrlAccess
from toil_core.errors import UrlError
from toil_core.model.web_host import web_host

_LONGEST_NAME = 255
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
    return plain_name(unquote(urlsplit(url).path.rstrip("/")))


def plain_name(path: str) -> str:
    """The last part of what somebody calls a file; empty if no file of this machine could have that name."""
    name = path.rpartition("/")[2]
    impossible = name in (".", "..") or "\0" in name or len(os.fsencode(name)) > _LONGEST_NAME
    return "" if impossible else name


def shown_url(url: str) -> str:
    """A URL without what may be secret: credentials, and the query of a web server's, which signs some of them."""
    scheme, _, rest = url.partition("://")
    if web_host(url):
        rest = re.split("[?#]", rest, maxsplit=1)[0]
        host, slash, path = rest.partition("/")
        rest = f"{host.rpartition('@')[2]}{slash}{path}"
    return f"{scheme}://{rest}"


def check_listed(names: Sequence[str], url: str) -> None:
    """Raises ``UrlError`` unless a directory of a machine could have all the names: in some stores a name may be
    empty, or ``..``, or that of a file and of a folder."""
    plain = [name.removesuffix("/") for name in names]
    for name in plain:
        if name in ("", ".", "..") or "/" in name or "\0" in name or len(name.encode()) > _LONGEST_NAME:
            raise UrlError(
                f'In the folder {shown_url(url)} there is the name "{name}", which no folder of a machine can have',
                "Rename it there, or name single files in place of the folder",
            )
    twice = sorted(name for name, count in Counter(plain).items() if count > 1)
    if twice:
        raise UrlError(
            f'In the folder {shown_url(url)} there are a file and a folder "{twice[0]}", which no folder of a machine'
            " can have",
            "Rename one of them there, or name single files in place of the folder",
        )
