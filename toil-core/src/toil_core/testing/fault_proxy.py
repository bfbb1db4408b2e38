"""An HTTP proxy in the test's own process that does to requests what networks and services do to them."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from toil_core.testing.faults import (
    Answer,
    Corrupt,
    CorruptUpload,
    CutUpload,
    Fault,
    Request,
    Reset,
    Rule,
    Truncate,
)

_BLOCK = 64 * 1024
_PATIENCE_SECONDS = 120.0
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
}
_WITHOUT_BODY = {204, 304}


class FaultProxy:
    """Stands before a real HTTP server; thread-safe. Use as a context::

        with FaultProxy("http://127.0.0.1:5000") as proxy:
            storage = MyStorage(..., endpoint=proxy.endpoint)
            proxy.inject(Reset(), times=2)

    Headers pass as they are, ``Host`` too, so that signatures stay valid. Bodies pass in bounded memory.
    ``delay_seconds`` is waited before each request goes on, ``bytes_per_second`` bounds a body's speed
    (0: no bound), ``skew_seconds`` is added to the ``Date`` of every answer.
    """

    def __init__(self, target: str) -> None:
        where = urlsplit(target)
        self.target = (where.hostname or "127.0.0.1", where.port or 80)
        self.delay_seconds = 0.0
        self.bytes_per_second = 0
        self.skew_seconds = 0.0
        self.closing = threading.Event()
        self._rules: list[Rule] = []
        self._requests: list[Request] = []
        self._strikes = 0
        self._passed = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """The URL that clients talk to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> Sequence[Request]:
        """All that have come in since the last ``clear``."""
        with self._lock:
            return list(self._requests)

    @property
    def passed_bytes(self) -> int:
        """How many bytes of bodies, both ways, have passed since the last ``clear``."""
        with self._lock:
            return self._passed

    def inject(self, fault: Fault, times: int | None = 1, when: Callable[[Request], bool] = lambda _: True) -> None:
        """Let a fault strike the next so many requests for which ``when`` is true; ``None``: all of them."""
        with self._lock:
            self._rules.append(Rule(fault, when, times))

    def clear(self) -> None:
        """Forget faults that were injected, and what was seen."""
        with self._lock:
            self._rules.clear()
            self._requests.clear()
            self._strikes = 0
            self._passed = 0

    def strikes(self) -> int:
        """How many requests a fault has struck since the last ``clear``."""
        with self._lock:
            return self._strikes

    def take(self, request: Request, body_length: int, is_late: bool) -> Fault | None:
        """The fault that strikes now, if one does. For the proxy's own threads."""
        with self._lock:
            for rule in self._rules:
                if rule.fits(request, body_length, is_late):
                    rule.left = None if rule.left is None else rule.left - 1
                    self._strikes += 1
                    return rule.fault
        return None

    def longest_needed(self) -> int:
        """How much of a body of unknown length decides whether some fault strikes. For the proxy's own threads."""
        with self._lock:
            faults = [rule.fault for rule in self._rules if rule.left != 0]
        return max((fault.at_least for fault in faults if isinstance(fault, Truncate | Corrupt)), default=0)

    def count(self, size: int) -> None:
        """Some bytes of a body pass. For the proxy's own threads."""
        with self._lock:
            self._passed += size

    def note(self, request: Request) -> None:
        """Remember what came in. For the proxy's own threads."""
        with self._lock:
            self._requests.append(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def end_connections(self) -> None:
        """Wake the threads that wait for a client's next request."""
        with self._guard:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:  # as the library types it
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        # No orderly end before the close, which would take the place of a reset.
        with self._guard:
            self._connections.discard(request)
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no matter; anything else goes on to the threading hook."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            raise  # called while the error is being handled


class _Cut(Exception):
    """The connection to the client is to be reset now."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged."""

    def _pass_on(self) -> None:
        proxy = self.server.proxy
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = None if "chunked" in headers.get("transfer-encoding", "") else int(headers.get("content-length", 0))
        request = Request(self.command, self.path, headers, length)
        proxy.note(request)
        proxy.closing.wait(proxy.delay_seconds)
        # A body in chunks is of unknown length, and counts as long.
        fault = proxy.take(request, 2**62 if length is None else length, False)
        try:
            self._carry_out(request, fault)
        except (_Cut, ConnectionError, http.client.HTTPException, TimeoutError):
            self._reset()

    def _carry_out(self, request: Request, fault: Fault | None) -> None:
        if isinstance(fault, Reset):
            raise _Cut
        if isinstance(fault, Answer):
            for _ in self._request_body(request, None):
                pass
            self._answer(fault)
            return
        upstream = http.client.HTTPConnection(*self.server.proxy.target, timeout=_PATIENCE_SECONDS)
        try:
            with self._forward(upstream, request, fault) as response:
                self._give_back(request, response)
        finally:
            upstream.close()

    def _forward(
        self, upstream: http.client.HTTPConnection, request: Request, fault: Fault | None
    ) -> http.client.HTTPResponse:
        upstream.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                upstream.putheader(name, value)
        if request.length is None:
            upstream.putheader("Transfer-Encoding", "chunked")
        upstream.endheaders()
        for block in self._request_body(request, fault):
            upstream.send(_chunk(block) if request.length is None else block)
        if request.length is None:
            upstream.send(b"0\r\n\r\n")
        return upstream.getresponse()

    def _request_body(self, request: Request, fault: Fault | None) -> Iterator[bytes]:
        passed = 0
        for block in self._chunks() if request.length is None else _blocks(self.rfile.read, request.length):
            self._keep_pace(len(block))
            if isinstance(fault, CorruptUpload) and passed == 0:
                block = _turned(block)
            passed += len(block)
            if isinstance(fault, CutUpload) and passed >= fault.after_bytes:
                raise _Cut
            yield block

    def _chunks(self) -> Iterator[bytes]:
        # RFC 9112 section 7.1.
        while size := self._chunk_size():
            yield from _blocks(self.rfile.read, size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _chunk_size(self) -> int:
        line = self.rfile.readline()
        if not line:
            raise _Cut
        return int(line.split(b";")[0], 16)

    def _give_back(self, request: Request, response: http.client.HTTPResponse) -> None:
        proxy = self.server.proxy
        # What is read ahead tells how long a body is that does not say so.
        head = response.read(max(_BLOCK, proxy.longest_needed()))
        announced = response.getheader("Content-Length")
        is_empty = request.method == "HEAD" or response.status in _WITHOUT_BODY
        length = len(head) if is_empty or announced is None else int(announced)
        fault = proxy.take(request, length, True)
        if isinstance(fault, Reset):
            raise _Cut
        if isinstance(fault, Answer):
            self._answer(fault)
            return
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, self._date(value) if name.lower() == "date" else value)
        in_chunks = announced is None and not is_empty
        if in_chunks:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if not is_empty:
            self._send_body(head, response, in_chunks, length, fault)

    def _send_body(
        self, head: bytes, response: http.client.HTTPResponse, in_chunks: bool, length: int, fault: Fault | None
    ) -> None:
        limit = length // 2 if isinstance(fault, Truncate) else None
        sent = 0
        block = _turned(head) if isinstance(fault, Corrupt) else head
        while block and (limit is None or sent < limit):
            self._keep_pace(len(block))
            block = block if limit is None else block[: limit - sent]
            self.wfile.write(_chunk(block) if in_chunks else block)
            sent += len(block)
            block = response.read(_BLOCK)
        if limit is not None or (sent < length and not in_chunks):
            self.close_connection = True
        elif in_chunks:
            self.wfile.write(b"0\r\n\r\n")

    def _answer(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        headers = {"Date": self._date(formatdate(usegmt=True)), "Content-Length": str(len(answer.body))}
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _date(self, value: str) -> str:
        moved = parsedate_to_datetime(value).timestamp() + self.server.proxy.skew_seconds
        return formatdate(moved, usegmt=True)

    def _keep_pace(self, size: int) -> None:
        proxy = self.server.proxy
        proxy.count(size)
        if proxy.bytes_per_second:
            proxy.closing.wait(size / proxy.bytes_per_second)

    def _reset(self) -> None:
        # A close that does not linger sends RST: socket(7), SO_LINGER.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


for _method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._pass_on)


def _blocks(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length:
        block = read(min(_BLOCK, length))
        if not block:
            raise _Cut
        length -= len(block)
        yield block


def _turned(block: bytes) -> bytes:
    middle = len(block) // 2
    return block[:middle] + bytes([block[middle] ^ 1]) + block[middle + 1 :] if block else block


def _chunk(block: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(block), block)
