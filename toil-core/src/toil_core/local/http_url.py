"""``http://`` and ``https://`` URLs, read only (RFC 9110), by the standard library."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import http.client
import io
import socket
import time
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import IO, Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience, retry

_TIMEOUT_SECONDS = 60.0
_GONE = (404, 410)
_BUSY = (408, 425, 429, 500, 502, 503, 504)  # the server, or one between, may answer differently soon
_NO_HEAD = (405, 501)
_CHUNK_BYTES = 1 << 18
_KEPT = "%/:=&?~+!$,;'@()*[]"  # what may stand in a path or query as it is (RFC 3986)


class HttpUrlAccess(UrlAccess):
    """Credentials in a URL are sent as Basic authentication (RFC 7617), to its own host only."""

    def __init__(self, options: None = None, patience: Patience | None = None) -> None:
        self._client = _Client(patience or Patience())

    def facts(self, url: str) -> UrlFacts:
        """Its size, if the server tells it."""
        try:
            response = self._client.open(url, "HEAD", {})
        except _Refused as error:
            if error.status not in _NO_HEAD:
                raise
            response = self._client.open(url, "GET", {})
        with response:
            return UrlFacts(_length(response))

    def read(self, url: str, start: int = 0) -> BinaryIO:
        """A stream that goes on where it was when the connection breaks.

        Raises ``UrlError`` while reading if what is at the URL is another thing by then.
        """
        return io.BufferedReader(_Body(self._client, url, start), _CHUNK_BYTES)


class _Refused(UrlError):
    def __init__(self, message: str, cure: str, status: int) -> None:
        super().__init__(message, cure)
        self.args = (message, cure, status)
        self.status = status


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        newurl, authorization = _without_credentials(newurl)
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.scheme not in ("http", "https"):
            raise UrlError(f"{_shown(req.full_url)} leads to {_shown(newurl)}, which is not of a web server")
        if before.scheme == "https" and after.scheme != "https":
            raise UrlError(f"{_shown(req.full_url)} leads to {_shown(newurl)}, which is not encrypted")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # Message it is
        if new is not None and before.netloc != after.netloc:
            new.headers.pop("Authorization", None)
        if new is not None and authorization:
            new.add_header("Authorization", authorization)
        return new


class _Client:
    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._opener = urllib.request.build_opener(_Redirects())

    def open(self, url: str, method: str, headers: Mapping[str, str]) -> Any:
        """The response, an ``http.client.HTTPResponse`` with a status below 300."""
        plain, authorization = _without_credentials(url)
        request = urllib.request.Request(plain, method=method, headers={"Accept-Encoding": "identity", **headers})
        if authorization:
            request.add_header("Authorization", authorization)
        try:
            return retry(lambda: self._opener.open(request, timeout=_TIMEOUT_SECONDS), transient, self.patience)
        except HTTPError as error:
            error.close()
            raise _refusal(url, error) from error
        except (http.client.InvalidURL, ValueError) as error:  # its words repeat the URL
            raise UrlError(f"{_shown(url)} is no URL of a web server") from error
        except (OSError, http.client.HTTPException) as error:
            raise UrlError(f"Cannot read {_shown(url)}: {_reason(error)}") from error


class _Body(io.RawIOBase):
    def __init__(self, client: _Client, url: str, start: int) -> None:
        super().__init__()
        self._client = client
        self._url = url
        self._position = start
        self._identity = ""
        self._end: int | None = None
        self._failures = 0
        self._unwanted = 0
        self._response: Any = io.BytesIO()  # closed should connecting fail
        self._response = self._connected()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # whatever io hands over
        while True:
            try:
                self._skip()
                count: int = self._response.readinto(buffer)
                if count == 0 and self._end is not None and self._position < self._end:
                    raise ConnectionError("the connection was closed too early")
            except (OSError, http.client.HTTPException) as error:
                self._again(error)
                continue
            self._position += count
            if count:
                self._failures = 0
            return count

    def close(self) -> None:
        if not self.closed:
            self._response.close()
        super().close()

    def _again(self, error: Exception) -> None:
        self._response.close()
        self._failures += 1
        if self._failures >= self._client.patience.attempts:
            raise UrlError(
                f"Cannot read {_shown(self._url)}: it broke off at byte {self._position}: {_reason(error)}"
            ) from error
        self._client.patience.wait(self._failures)
        self._response = self._connected()

    def _skip(self) -> None:
        while self._unwanted and (read := len(self._response.read(min(self._unwanted, _CHUNK_BYTES)))):
            self._unwanted -= read

    def _connected(self) -> Any:
        start = self._position
        try:
            response = self._client.open(self._url, "GET", {"Range": f"bytes={start}-"} if start else {})
        except _Refused as error:
            if error.status != 416:
                raise
            if self._end is not None and start < self._end:
                raise self._changed() from error
            return io.BytesIO()  # nothing is left behind the start
        identity = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
        is_part = response.status == 206
        length = _length(response)
        end = length if length is None or not is_part else start + length
        is_other = bool(self._identity) and identity != self._identity
        if is_other or (None not in (self._end, end) and self._end != end):
            response.close()
            raise self._changed()
        if is_part and not response.headers.get("Content-Range", f"bytes {start}-").startswith(f"bytes {start}-"):
            response.close()
            raise UrlError(f"Cannot read {_shown(self._url)}: the server sends other bytes than those asked for")
        self._identity, self._end = identity, end
        self._unwanted = 0 if is_part else start  # a server without ranges sends all of it
        return response

    def _changed(self) -> UrlError:
        return UrlError(f"What is at {_shown(self._url)} changed while it was read", "Try again")


def transient(error: Exception) -> float | None:
    """Which failures may pass: a busy server's, with the seconds it asks to wait, and a broken line's."""
    if isinstance(error, HTTPError):
        return _asked_seconds(error) if error.code in _BUSY else None
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, http.client.InvalidURL):
        return None
    if isinstance(reason, socket.gaierror):
        return 0.0 if reason.errno == socket.EAI_AGAIN else None
    passing = isinstance(reason, (ConnectionError, TimeoutError, http.client.HTTPException))
    return 0.0 if passing else None


def _asked_seconds(error: HTTPError) -> float:
    asked = (error.headers.get("Retry-After") or "").strip()
    if asked.isdigit():
        return float(asked)
    with contextlib.suppress(ValueError):  # what is no date asks for nothing
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    return 0.0


def _refusal(url: str, error: HTTPError) -> UrlError:
    if error.code in _GONE:
        return NoSuchUrl(f"There is nothing at {_shown(url)}")
    cure = "It asks for credentials" if error.code == 401 else ""
    return _Refused(f"Cannot read {_shown(url)}: the server says {error.code} {error.reason}", cure, error.code)


def _reason(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason) or type(reason).__name__


def _without_credentials(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UrlError(f"{_shown(url)} is no URL of a web server") from error
    user, at, host = parts.netloc.rpartition("@")
    # Names with spaces and letters of all languages are written as they are by many.
    plain = parts._replace(netloc=host, path=quote(parts.path, _KEPT), query=quote(parts.query, _KEPT), fragment="")
    token = base64.b64encode(unquote(user).encode()).decode()
    return urlunsplit(plain), f"Basic {token}" if at else ""


def _shown(url: str) -> str:
    """A URL without what may be secret: credentials, and the query, which signs some URLs."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"The {url.partition(':')[0]} URL given"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _length(response: Any) -> int | None:
    text = response.headers.get("Content-Length")
    return int(text) if text is not None and text.isdigit() else None
