"""Listings of more than a page, as the service sends them; the testbench has no pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gcs_servers import HURRIED
from toil_core.errors import NoSuchStore
from toil_gce.gs_url import GsUrlAccess
from toil_gce.storage import GoogleStorage

NAMES = sorted([*(f"many/{number:03}" for number in range(95)), "toil+store", "toil+parts/x/1"])
PAGE = 10


class Pages(BaseHTTPRequestHandler):
    """Lists ``NAMES``, a few at a time; each page is refused once before it is told."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        begin = int(query.get("pageToken", "0"))
        found = [name for name in NAMES if name.startswith(query.get("prefix", ""))]
        body: dict[str, Any] = {"items": [{"name": name, "generation": "1"} for name in found[begin : begin + PAGE]]}
        if begin + PAGE < len(found):
            body["nextPageToken"] = str(begin + PAGE)
        status = 200
        if self.path not in self.server.seen and "/o?" in self.path:
            self.server.seen.add(self.path)
            status, body = 503, {"error": {"message": "Busy."}}
        if "/b/nowhere/" in self.path:
            status, body = 404, {"error": {"message": "The specified bucket does not exist."}}
        if self.path.startswith("/download/"):
            status, body = 200, {"format": 1, "key_sha256": "", "key_file": ""}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    server.seen = set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_pages_are_listed_though_each_is_refused_at_first(pages: Any) -> None:
    found = list(GoogleStorage("project:bucket", None, patience=HURRIED).list("many/"))
    assert found == [f"many/{number:03}" for number in range(95)]
    assert len(pages.seen) == 10


def test_what_is_no_key_is_not_listed(pages: Any) -> None:
    assert len(list(GoogleStorage("project:bucket", None, patience=HURRIED).list(""))) == 95


def test_pages_are_asked_for_as_they_are_needed(pages: Any) -> None:
    found = GoogleStorage("project:bucket", None, patience=HURRIED).list("many/")
    assert next(found) == "many/000"
    assert len(pages.seen) == 1


def test_listing_of_no_store_says_so(pages: Any) -> None:
    with pytest.raises(NoSuchStore):
        list(GoogleStorage("project:nowhere", None, patience=HURRIED).list(""))


def test_folder_of_many_pages_is_listed_whole(pages: Any) -> None:
    assert len(GsUrlAccess(patience=HURRIED).list("gs://bucket/many")) == 95
