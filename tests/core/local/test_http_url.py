"""Files of web servers, which break, throttle, redirect and change their minds."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote
from urllib.request import Request

import pytest

from toil_core.errors import NoSuchUrl, UrlError
from toil_core.local.http_url import HttpUrlAccess, _Redirects
from toil_core.system.retry import Patience
from toil_core.testing import UrlAccessContract

CONTENT = os.urandom(3_000_000)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.command, self.path, dict(self.headers)))
        self.server.answers[self.path.partition("?")[0]](self)

    do_HEAD = do_GET  # noqa: N815  # so the library calls it

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(ConnectionError):  # who has heard enough hangs up
                self.wfile.write(body)

    @property
    def start(self):
        return int(self.headers.get("Range", "bytes=0-")[len("bytes=") :].rstrip("-"))


@pytest.fixture
def server():
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = False
    found.requests, found.answers = [], {}
    found.url = f"http://127.0.0.1:{found.server_port}"
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def waits():
    return []


def patient(waits):
    return Patience(attempts=4, sleep=waits.append, chance=lambda: 0.0)


@pytest.fixture
def access(waits):
    return HttpUrlAccess(None, patient(waits))


class TestContract(UrlAccessContract):
    is_writable = is_listable = False

    @pytest.fixture
    def access(self, waits):
        return HttpUrlAccess(None, patient(waits))

    @pytest.fixture
    def publish(self, server):
        def put(name, content):
            path = "/" + quote(name)

            def give(handler):
                start = handler.start
                if start and start >= len(content):
                    handler.answer(416)
                else:
                    handler.answer(206 if start else 200, content[start:])

            server.answers["/not-there.txt"] = lambda handler: handler.answer(404)
            server.answers[path] = give
            return server.url + path

        return put


def whole(access, url, start=0):
    with access.read(url, start) as stream:
        return stream.read()


def ranged(handler, **headers):
    start = handler.start
    if start >= len(CONTENT):
        handler.answer(416)
    elif start:
        handler.answer(206, CONTENT[start:], **headers)
    else:
        handler.answer(200, CONTENT, **headers)


def breaking(handler, after, **headers):
    """Say all, send some, and hang up."""
    start = handler.start
    handler.send_response(206 if start else 200)
    for name, value in {"Content-Length": str(len(CONTENT) - start), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(CONTENT[start : start + after])
    handler.close_connection = True


def test_content_and_size_are_those_of_the_server(server, access):
    server.answers["/reads.fq"] = ranged
    assert access.facts(server.url + "/reads.fq").size == len(CONTENT)
    assert server.requests[0][0] == "HEAD"
    assert whole(access, server.url + "/reads.fq") == CONTENT


@pytest.mark.parametrize("start", [1, 2_999_999, 3_000_000, 4_000_000])
def test_reading_begins_where_it_is_asked_to(server, access, start):
    server.answers["/reads.fq"] = ranged
    assert whole(access, server.url + "/reads.fq", start) == CONTENT[start:]


def test_a_server_without_ranges_is_read_past_the_beginning(server, access):
    server.answers["/reads.fq"] = lambda handler: handler.answer(200, CONTENT)
    assert whole(access, server.url + "/reads.fq", 1_000_000) == CONTENT[1_000_000:]


def test_a_server_without_head_is_asked_by_get(server, access):
    def refuse_head(handler):
        handler.answer(405) if handler.command == "HEAD" else handler.answer(200, CONTENT)

    server.answers["/reads.fq"] = refuse_head
    assert access.facts(server.url + "/reads.fq").size == len(CONTENT)


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server, access):
    server.answers["/reads.fq"] = lambda handler: breaking(handler, 800_000, ETag='"1"')
    assert whole(access, server.url + "/reads.fq") == CONTENT
    ranges = [headers.get("Range") for _, _, headers in server.requests]
    assert ranges == [None, "bytes=800000-", "bytes=1600000-", "bytes=2400000-"]


def test_a_file_that_changed_in_between_is_an_error_and_not_a_mixture(server, access):
    tags = iter(['"1"', '"2"'])
    server.answers["/reads.fq"] = lambda handler: breaking(handler, 800_000, ETag=next(tags))
    with pytest.raises(UrlError, match="changed while it was read"):
        whole(access, server.url + "/reads.fq")


def test_a_file_whose_length_changed_in_between_is_an_error_too(server, access):
    def growing(handler):
        if handler.start:
            handler.answer(206, CONTENT[handler.start :] + b"more")
        else:
            breaking(handler, 800_000)

    server.answers["/reads.fq"] = growing
    with pytest.raises(UrlError, match="changed while it was read"):
        whole(access, server.url + "/reads.fq")


def test_a_file_that_was_cut_in_between_is_an_error_at_once(server, access, waits):
    server.answers["/reads.fq"] = lambda handler: handler.answer(416) if handler.start else breaking(handler, 800_000)
    with pytest.raises(UrlError, match="changed while it was read"):
        whole(access, server.url + "/reads.fq")
    assert len(waits) == 1


def test_other_bytes_than_those_asked_for_are_refused(server, access):
    total = len(CONTENT)
    server.answers["/reads.fq"] = lambda handler: handler.answer(
        206, CONTENT[5:], Content_Range=f"bytes 5-{total - 1}/{total}"
    )
    with pytest.raises(UrlError, match="sends other bytes than those asked for"):
        whole(access, server.url + "/reads.fq", 1000)


def test_a_server_without_ranges_that_breaks_is_read_on_without_a_mixture(server, access):
    breaks = iter([800_000, 400_000, len(CONTENT)])

    def from_the_beginning(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[: next(breaks)])
        handler.close_connection = True

    server.answers["/reads.fq"] = from_the_beginning
    assert whole(access, server.url + "/reads.fq") == CONTENT


@pytest.mark.parametrize("said", ["soon GMT", "GMT", "-3", ""])
def test_a_wish_to_wait_that_nobody_understands_is_none(server, access, waits, said):
    answers = iter([503, 200])

    def busy(handler):
        status = next(answers)
        handler.answer(status, CONTENT, Retry_After=said)

    server.answers["/reads.fq"] = busy
    assert access.facts(server.url + "/reads.fq").size == len(CONTENT)
    assert waits == [0.0]


def test_a_connection_that_breaks_at_once_every_time_is_given_up(server, access, waits):
    server.answers["/reads.fq"] = lambda handler: breaking(handler, 0)
    with pytest.raises(UrlError, match="it broke off at byte 0"):
        whole(access, server.url + "/reads.fq")
    assert len(waits) == 3


def test_a_busy_server_is_asked_again_when_it_says(server, access, waits):
    answers = iter([429, 503, 200])

    def busy(handler):
        status = next(answers)
        handler.answer(status, CONTENT, **({} if status == 200 else {"Retry_After": "7"}))

    server.answers["/reads.fq"] = busy
    assert whole(access, server.url + "/reads.fq") == CONTENT
    assert waits == [7.0, 7.0]


def test_a_server_that_stays_busy_is_told_of_in_one_line(server, access):
    server.answers["/reads.fq"] = lambda handler: handler.answer(503)
    with pytest.raises(UrlError, match=r"Cannot read http://127.0.0.1:\d+/reads.fq: the server says 503"):
        access.facts(server.url + "/reads.fq")
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_no_such_url_and_is_asked_for_once(server, access, status):
    server.answers["/reads.fq"] = lambda handler: handler.answer(status)
    with pytest.raises(NoSuchUrl):
        access.read(server.url + "/reads.fq")
    assert len(server.requests) == 1


def test_a_redirect_is_followed_and_takes_no_credentials_to_another_host(server, access):
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    server.answers["/old"] = lambda handler: handler.answer(302, Location=elsewhere + "/new")
    server.answers["/new"] = ranged
    url = server.url.replace("//", "//anna:se%20cret@") + "/old"
    assert whole(access, url) == CONTENT
    sent = [headers.get("Authorization") for _, _, headers in server.requests]
    assert sent == ["Basic " + base64.b64encode(b"anna:se cret").decode(), None]


def test_credentials_of_a_redirect_are_sent_and_not_shown(server, access):
    target = server.url.replace("//", "//bert:hidden@")
    server.answers["/old"] = lambda handler: handler.answer(302, Location=target + "/new")
    server.answers["/new"] = lambda handler: handler.answer(403)
    with pytest.raises(UrlError) as caught:
        access.facts(server.url + "/old")
    assert "hidden" not in str(caught.value)
    sent = [headers.get("Authorization") for _, _, headers in server.requests]
    assert sent == [None, "Basic " + base64.b64encode(b"bert:hidden").decode()]


@pytest.mark.parametrize(
    ("begin", "target", "said"),
    [
        ("https://a.invalid/x", "http://a.invalid/y", "which is not encrypted"),
        ("http://a.invalid/x", "ftp://a.invalid/y", "which is not of a web server"),
    ],
)
def test_a_redirect_to_a_weaker_or_another_protocol_is_refused(begin, target, said):
    with pytest.raises(UrlError, match=said):
        _Redirects().redirect_request(Request(begin), io.BytesIO(), 302, "Found", Message(), target)


@pytest.mark.parametrize("path", ["/with space.fq", "/naïve.fq", "/a%20b.fq"])
def test_a_name_that_is_not_quoted_is_quoted_once(server, access, path):
    sent = quote(path, "/%")
    server.answers[sent] = ranged
    assert access.facts(server.url + path).size == len(CONTENT)


@pytest.mark.parametrize("url", ["http://anna:secret@host:port/x", "http://anna:secret@[::1/x"])
def test_what_is_no_url_is_told_of_at_once_without_its_secret(access, waits, url):
    with pytest.raises(UrlError, match="is no URL of a web server") as caught:
        access.facts(url)
    assert "secret" not in str(caught.value)
    assert waits == []


def test_no_secret_of_a_url_is_shown(server, access):
    server.answers["/reads.fq"] = lambda handler: handler.answer(403)
    url = server.url.replace("//", "//anna:secret@") + "/reads.fq?signature=hidden"
    with pytest.raises(UrlError) as caught:
        access.facts(url)
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert server.requests[0][1] == "/reads.fq?signature=hidden"


def test_nobody_listening_is_one_clear_line(access, server):
    server.server_close()
    with pytest.raises(UrlError, match=r"Cannot read .*: connection refused"):
        access.facts("http://127.0.0.1:1/reads.fq")


def test_a_host_without_a_name_is_not_waited_for(access, waits):
    with pytest.raises(UrlError, match=r"Cannot read http://no-such-host.invalid/x"):
        access.facts("http://no-such-host.invalid/x")


def test_it_cannot_be_written(access):
    with pytest.raises(UrlError, match="cannot write to http: URLs"):
        access.write("http://127.0.0.1/x", None)
