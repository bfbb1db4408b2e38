"""A small object store over HTTP, server and client, on which the kit of remote stores is tried out.

``PUT`` keeps, with ``If-None-Match: *`` only if there is nothing; ``GET`` takes a range; ``GET /?prefix=``
lists; ``HEAD`` and ``DELETE`` do what they are called. Checksums go in headers, and are checked by both. ``PUT``
with ``X-Source`` copies what has the checksum ``X-If-Checksum``. A store's objects have URLs: ``kept://PLACE/KEY``.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

from toil_core.api.storage import Storage
from toil_core.errors import (
    NoSuchObject,
    NoSuchStore,
    NoSuchUrl,
    ObjectExists,
    StorageError,
    StoreDamaged,
    StoreExists,
)
from toil_core.model.object_key import check_key
from toil_core.system.retry import Patience, retry

STORE = "+store"
FAILED = (ConnectionError, http.client.HTTPException, TimeoutError)


@dataclass
class Stored:
    """Content, its checksum, and who put it."""

    content: bytes
    checksum: str
    writer: str


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, Stored]
    lock: threading.Lock

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        told = self.headers["X-Checksum"]
        if source := self.headers["X-Source"]:
            with self.lock:
                found = self.objects.get(source)
            if found is None or self.headers["X-If-Checksum"] not in ("", found.checksum):
                return self.answer(409)
            content, told = found.content, found.checksum
        if checksum(content) != told:
            return self.answer(400, b"BadDigest")
        with self.lock:
            place, _, key = self.path[1:].partition("/")
            if key != STORE and f"/{place}/{STORE}" not in self.objects:
                return self.answer(404, b"NoSuchStore")
            if self.headers["If-None-Match"] and self.path in self.objects:
                return self.answer(412)
            self.objects[self.path] = Stored(content, told, self.headers["X-Writer"])
        return self.answer(200)

    def do_GET(self):
        with self.lock:
            if "?prefix=" in self.path:
                prefix = parse_qs(urlsplit(self.path).query)["prefix"][0]
                return self.answer(200, "\n".join(key for key in self.objects if key.startswith(prefix)).encode())
            found = self.objects.get(self.path)
        if found is None:
            return self.answer(404)
        start, stop = (int(number) for number in self.headers["X-Range"].split("-"))
        headers = {"X_Checksum": found.checksum, "X_Writer": found.writer, "X_Size": str(len(found.content))}
        return self.answer(200, found.content[start:stop], **headers)

    def do_HEAD(self):
        return self.do_GET()

    def do_DELETE(self):
        with self.lock:
            self.objects.pop(self.path, None)
        return self.answer(204)


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients whose connection is cut on purpose are no matter."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def http_server() -> ThreadingHTTPServer:
    """A server on a free port, with objects of its own."""
    kind = type("Handler", (Handler,), {"objects": {}, "lock": threading.Lock()})
    return Server(("127.0.0.1", 0), kind)


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Failed(Exception):
    """The service answered that it could not."""


class Refused(StorageError):
    """The service does not let us."""


class HttpStorage(Storage):
    """Objects of one place on one server."""

    def __init__(self, place: str, endpoint: str) -> None:
        self._place, self._endpoint = place, urlsplit(endpoint).netloc
        self._patience = Patience(attempts=6, base_seconds=0.001)

    def create(self) -> None:
        try:
            self._put(STORE, b"", True, "be made")
        except ObjectExists as error:
            raise StoreExists(f"There is a store http:{self._place} already", "Take another place") from error

    def open(self) -> None:
        if self._ask("HEAD", STORE, "be opened").status == 404:
            raise NoSuchStore(f"There is no store http:{self._place}", "Create it first")

    def destroy(self) -> None:
        for key in [*self._list("", "be removed"), STORE]:
            self._ask("DELETE", key, "be removed")

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        whole = content if isinstance(content, bytes) else b"".join(iter(lambda: content.read(100_000), b""))
        self._put(check_key(key), whole, if_absent, f'put "{key}"')

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        stop = 2**62 if length is None else start + length
        reply = self._object("GET", key, f'read "{key}"', start, stop)
        if len(reply.body) == int(reply.headers["x-size"]):
            self._check(key, reply)
        return io.BytesIO(reply.body)

    def copy_url(self, key: str, url: str) -> int | None:
        if not url.startswith("kept://"):
            return None
        source, operation = url.removeprefix("kept:/"), f'copy {url} to "{check_key(key)}"'
        try:
            found = self._ask("HEAD", source, operation)
            if found.status == 404:
                raise NoSuchUrl(f"There is nothing at {url}")
            version = {"X-Source": source, "X-If-Checksum": found.headers["x-checksum"], "X-Writer": ""}
            copied = self._ask("PUT", key, operation, version)
        except Refused:
            return None
        if copied.status == 404:
            raise NoSuchStore(f"There is no store http:{self._place}", "Create it first")
        return int(found.headers["x-size"]) if copied.status == 200 else None

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._ask("DELETE", key, f'delete "{key}"')

    def list(self, prefix: str) -> Iterator[str]:
        return (key for key in self._list(prefix, f'list "{prefix}"') if key != STORE)

    def size(self, key: str) -> int:
        return int(self._object("HEAD", key, f'look at "{key}"').headers["x-size"])

    def public_url(self, key: str) -> str | None:
        return None

    def _check(self, key: str, reply: Reply) -> None:
        if checksum(reply.body) != reply.headers["x-checksum"]:
            raise StoreDamaged(f'The content of "{key}" in the store http:{self._place} is damaged')

    def _put(self, key: str, content: bytes, if_absent: bool, operation: str) -> None:
        writer = uuid4().hex
        headers = {"X-Checksum": checksum(content), "X-Writer": writer}
        headers |= {"If-None-Match": "*"} if if_absent else {}
        reply = self._ask("PUT", key, operation, headers, content)
        if reply.status == 404:
            raise NoSuchStore(f"There is no store http:{self._place}", "Create it first")
        # A repeated request finds what the first one, whose answer was lost, has put.
        if reply.status == 412 and self._ask("HEAD", key, operation).headers.get("x-writer") != writer:
            raise ObjectExists(f'The store http:{self._place} holds "{key}" already')

    def _list(self, prefix: str, operation: str) -> list[str]:
        reply = self._ask("GET", f"?prefix=/{self._place}/{quote(prefix)}", operation)
        return [key.removeprefix(f"/{self._place}/") for key in reply.body.decode().splitlines()]

    def _object(self, method: str, key: str, operation: str, start: int = 0, stop: int = 2**62) -> Reply:
        reply = self._ask(method, check_key(key), operation, {"X-Range": f"{start}-{stop}"})
        if reply.status == 404:
            raise NoSuchObject(f'The store http:{self._place} holds no "{key}"')
        return reply

    def _ask(
        self, method: str, key: str, operation: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        path = f"/{key}" if key.startswith("?") else key if key.startswith("/") else f"/{self._place}/{key}"
        all_headers = {"X-Range": f"0-{2**62}", **(headers or {})}
        try:
            return retry(
                lambda: self._exchange(method, path, all_headers, body),
                lambda error: 0.0 if isinstance(error, (*FAILED, Failed)) else None,
                self._patience,
            )
        except (*FAILED, Failed) as error:
            raise StorageError(f"The store http:{self._place} could not {operation}: {error!r}", "Try later") from error

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        connection = http.client.HTTPConnection(self._endpoint, timeout=60)
        try:
            connection.request(method, path, body or None, {"Content-Length": str(len(body)), **headers})
            with connection.getresponse() as response:
                reply = Reply(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
        finally:
            connection.close()
        if reply.status >= 500 or reply.body == b"BadDigest":
            raise Failed(str(reply.status))
        if reply.status in (401, 403):
            raise Refused(f"The store http:{self._place} refused a request for {path}", "Check clock and keys")
        return reply
