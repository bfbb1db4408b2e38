"""How the library fetches what documents, job orders and overrides are made of.

Files and what is on web servers by its own fetcher; URLs of other kinds, and of web servers that a plugin knows,
by the plugins of the core.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlsplit, urlunsplit

from cwltool.resolver import tool_resolver
from schema_salad.exceptions import ValidationException
from schema_salad.fetcher import DefaultFetcher
from schema_salad.ref_resolver import Loader

from toil_core.api.url_access import UrlAccess
from toil_core.errors import NoSuchUrl, ToilError
from toil_core.files.urls import as_url

Access = Callable[[str], UrlAccess]

_OWN = ("", "file", "http", "https", "mailto")
_ANY_SERVER = "http://localhost/"
_access: ContextVar[Access | None] = ContextVar("access", default=None)


@contextmanager
def urls_read_by(access: Access | None) -> Iterator[None]:
    """In here, URLs of other kinds than files and web servers are read by what ``access`` gives for them."""
    token = _access.set(access)
    try:
        yield
    finally:
        _access.reset(token)


def is_there(url: str) -> bool:
    """Whether there is something at a URL; ``False`` if nobody here reads such ones. Raises ``ToilError``."""
    access = _access.get()
    if access is None:
        return False
    try:
        access(url).facts(url)
    except NoSuchUrl:
        return False
    return True


@dataclass(slots=True)
class Fetched:
    """What was read: texts by URL, without the fragment, and the URLs that were looked for.

    A text that is here already is not read again; if ``is_known``, all that they refer to is there, too."""

    texts: dict[str, str] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    is_known: bool = False


def fetcher(fetched: Fetched | None = None) -> Callable[[Any, Any], DefaultFetcher]:
    """What makes the fetchers of one document, which note in ``fetched`` what they do."""
    noted = fetched or Fetched()
    schemes = list(DefaultFetcher.schemes)
    return lambda cache, session: _Fetcher(cache, session, noted, schemes)


def text_of(source: str) -> str:
    """The text of a file, or at a URL; empty if it cannot be read, which whoever reads it next says the reason of,
    and for a pipe, which can be read once only."""
    try:
        if "://" in source:
            return str(Loader({}, fetcher_constructor=fetcher()).fetch_text(as_url(source)))
        if not os.path.isfile(source):
            return ""
        with open(source, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError, ValidationException):
        return ""


def resolver(loader: Any, uri: str) -> str | None:
    """The URI that a document is meant by: a URL of any kind stands for itself."""
    found: str | None = as_url(uri) if "://" in uri else tool_resolver(loader, uri)
    return found


def refused(error: BaseException) -> ToilError | None:
    """What the core said of a URL, if that is what lies behind an error of the library."""
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ToilError):
            return one
        waiting += [*getattr(one, "children", ()), *([one.__cause__] if one.__cause__ else [])]
    return None


def joined(base: str, reference: str) -> str:
    """A reference as what stands at a URL means it, whatever the URL's scheme; urllib knows some only.

    Source: RFC 3986, section 5.2. Empty names in a path stay, for in a store of objects they count.
    """
    scheme, place, path, query, _ = urlsplit(base)
    if urlsplit(reference).scheme:
        return reference
    _, other, relative, asked, fragment = urlsplit(reference)
    if other:
        place, path, query = other, _without_dots(relative), asked
    elif relative:
        whole = relative if relative.startswith("/") else f"{path.rpartition('/')[0]}/{relative}"
        path, query = _without_dots(whole), asked
    elif asked:
        query = asked
    return urlunsplit((scheme, place, path, query, fragment))


def _without_dots(path: str) -> str:
    names: list[str] = []
    for name in path.split("/")[1:]:
        if name == "..":
            del names[-1:]
        elif name != ".":
            names.append(name)
    is_folder = path.rpartition("/")[2] in (".", "..")
    return "".join(f"/{name}" for name in names) + ("/" if is_folder else "")


class _Fetcher(DefaultFetcher):
    def __init__(self, cache: Any, session: Any, fetched: Fetched, schemes: list[str]) -> None:
        super().__init__(cache, session)
        self._fetched = fetched
        self._schemes = schemes
        self._access = _access.get()

    def supported_schemes(self) -> list[str]:
        return self._schemes  # others may be prefixes of names

    def fetch_text(self, url: str, content_types: list[str] | None = None) -> str:
        plain = urldefrag(url)[0]
        is_foreign = self._is_foreign(plain)
        if is_foreign and (scheme := urlsplit(plain).scheme) not in self._schemes:
            self._schemes.append(scheme)
        texts = self._fetched.texts
        if plain not in texts:
            texts[plain] = self._read(plain) if is_foreign else str(super().fetch_text(url, content_types))
        return texts[plain]

    def check_exists(self, url: str) -> bool:
        plain = urldefrag(url)[0]
        if self._fetched.is_known or plain in self._fetched.texts:
            return True
        is_there = self._is_there(plain) if self._is_foreign(plain) else bool(super().check_exists(url))
        if is_there:
            self._fetched.needed.add(plain)
        return is_there

    def urljoin(self, base_url: str, url: str) -> str:
        if url.startswith("_:") or urlsplit(url).scheme or not self._is_foreign(base_url):
            return str(super().urljoin(base_url, url))
        return joined(base_url, url)

    def _is_foreign(self, url: str) -> bool:
        scheme = urlsplit(url).scheme
        if scheme in ("http", "https"):
            return self._access is not None and _has_own_access(self._access, url)
        return "://" in url and scheme not in _OWN

    def _read(self, url: str) -> str:
        try:
            with self._opened(url).read(url) as stream:
                return stream.read().decode()
        except ToilError as error:
            raise ValidationException(error.message) from error
        except UnicodeDecodeError as error:
            raise ValidationException(f"{url} is no text in UTF-8") from error

    def _is_there(self, url: str) -> bool:
        try:
            return is_there(url)
        except ToilError as error:
            raise ValidationException(error.message) from error

    def _opened(self, url: str) -> UrlAccess:
        if self._access is None:
            raise ValidationException(f"Nothing here reads the URL {url}")
        return self._access(url)


def _has_own_access(access: Access, url: str) -> bool:
    """Whether a plugin reads the URLs of this web server, which may know credentials that the web's own does not."""
    return type(access(url)) is not type(access(_ANY_SERVER))
