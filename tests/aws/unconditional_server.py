"""Servers without conditional writes, made of moto and a proxy before it that spoils the condition."""

from __future__ import annotations

import http.client
import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

UNIMPLEMENTED = b"<Error><Code>NotImplemented</Code><Message>A header you provided is not implemented</Message></Error>"

LENGTHS = ("connection", "content-length", "expect", "transfer-encoding")


@contextmanager
def unconditional(target: str, way: str):
    """Its URL. ``way``: it ``refuses`` conditions with 501, ``ignores`` them, or ``looks`` first and writes then."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(target, way))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def handler_for(target: str, way: str) -> type[BaseHTTPRequestHandler]:
    """A proxy to the target."""
    guard = threading.Lock()
    lookers: Counter[str] = Counter()
    second: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_conditional = "If-None-Match" in self.headers
            del self.headers["If-None-Match"]
            if is_conditional and way == "refuses":
                self.answer(501, {"Content-Type": "application/xml"}, UNIMPLEMENTED)
                return
            if is_conditional and way == "looks":
                status, headers, _ = self.ask("HEAD", b"")
                with guard:
                    lookers[self.path] += 1
                    if lookers[self.path] == 2:
                        second[self.path].set()
                second[self.path].wait(1)  # two writers have looked before one of them writes
                if status == 200:
                    self.answer(412, headers, b"<Error><Code>PreconditionFailed</Code></Error>")
                    return
            self.answer(*self.ask(self.command, body))

        def ask(self, method: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=60)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in LENGTHS}
                connection.request(method, self.path, body or None, headers)
                response = connection.getresponse()
                return response.status, dict(response.getheaders()), response.read()
            finally:
                connection.close()

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in LENGTHS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.pass_on)
    return Handler
