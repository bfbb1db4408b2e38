"""Credentials of every kind are found and used; those that are wrong are told at once, and never shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gcs_servers import HURRIED
from toil_core.cli.main import main
from toil_core.errors import StorageError, UrlError
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Answer
from toil_gce.gs_url import GsUrlAccess
from toil_gce.storage import GoogleStorage

ACCOUNT = "runner@some-project.iam.gserviceaccount.com"


class Tokens(BaseHTTPRequestHandler):
    """Grants tokens as https://oauth2.googleapis.com/token does."""

    server: Any

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        refusal = self.server.refusal
        body = refusal or {"access_token": f"token-{self.server.asked}", "expires_in": 3600, "token_type": "Bearer"}
        content = json.dumps(body).encode()
        self.send_response(400 if refusal else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def tokens() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    server.asked, server.refusal = 0, None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has no credentials, and is none of Google's."""
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "BOTO_CONFIG", "BOTO_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def account(nobody: None, tokens: Any, private_key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A service account's key file, which GOOGLE_APPLICATION_CREDENTIALS names."""
    path = tmp_path / "account.json"
    facts = {"type": "service_account", "project_id": "some-project", "client_email": ACCOUNT, "private_key_id": "1"}
    facts |= {"private_key": private_key, "token_uri": f"http://127.0.0.1:{tokens.server_port}/token"}
    path.write_text(json.dumps(facts))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


@pytest.fixture
def proxy(testbench: str) -> Iterator[FaultProxy]:
    """Shows what requests carry."""
    with FaultProxy(testbench) as proxy:
        yield proxy


@pytest.mark.network
def test_service_account_is_used_for_every_request(account: Path, proxy: FaultProxy, unused: str) -> None:
    storage = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    storage.create()
    storage.put("a", b"content")
    storage.put("long", bytes(9_000_000))
    with storage.get("a") as stream:
        assert stream.read() == b"content"
    GoogleStorage(unused, None, proxy.endpoint, HURRIED).size("a")
    storage.destroy()
    assert {request.headers.get("authorization") for request in proxy.requests} == {"Bearer token-1"}


@pytest.mark.network
def test_token_that_expired_is_replaced(account: Path, proxy: FaultProxy, unused: str, tokens: Any) -> None:
    storage = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    storage.create()
    for act in (lambda: storage.put("a", b"content"), lambda: storage.get("a").close(), lambda: list(storage.list(""))):
        before = tokens.asked
        proxy.inject(Answer(401, b"{}"))
        act()
        assert tokens.asked == before + 1
    storage.destroy()


@pytest.mark.network
def test_account_without_a_permission_is_told_which_and_whose(account: Path, proxy: FaultProxy, unused: str) -> None:
    GoogleStorage(unused, None, proxy.endpoint, HURRIED).create()
    words = f"{ACCOUNT} does not have storage.objects.get access to the Google Cloud Storage object."
    proxy.inject(Answer(403, json.dumps({"error": {"code": 403, "message": words}}).encode()), times=None)
    with pytest.raises(UrlError) as caught:
        GsUrlAccess(None, proxy.endpoint, HURRIED).read(f"gs://{unused.rpartition(':')[2]}/a")
    assert caught.value.cure.startswith(f"Grant storage.objects.get to {ACCOUNT}")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "not accepted"),
        ({"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token"}, "clock"),
    ],
)
def test_account_that_is_refused_is_told_at_once(
    account: Path, private_key: str, tokens: Any, refusal: dict[str, str], words: str
) -> None:
    tokens.refusal = refusal
    for operation in operations():
        before, began = tokens.asked, time.monotonic()
        told = complaint(operation, private_key)
        assert words in told
        assert "GOOGLE_APPLICATION_CREDENTIALS" in told
        assert tokens.asked == before + 1
        assert time.monotonic() - began < 5


def test_no_credentials_are_told_and_what_to_do(nobody: None) -> None:
    for operation in operations()[:3]:
        told = complaint(operation, "-----BEGIN")
        assert "no credentials were found" in told
        assert "gcloud auth application-default login" in told


@pytest.mark.parametrize(
    ("content", "words"), [(None, "is not there"), ("{}", "not one of Google's"), ("no json", "not one of Google's")]
)
def test_credentials_file_that_is_none_is_told(
    nobody: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, words: str
) -> None:
    path = tmp_path / "account.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    for operation in operations():
        assert words in complaint(operation, "-----BEGIN")


@pytest.mark.network
def test_without_credentials_what_is_public_is_read_and_the_rest_is_told(
    nobody: None, proxy: FaultProxy, unused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.endpoint)
    GoogleStorage(unused).create()
    GoogleStorage(unused).put("a", b"content")
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    access = GsUrlAccess(None, proxy.endpoint, HURRIED)
    url = f"gs://{unused.rpartition(':')[2]}/a"
    with access.read(url) as stream:
        assert stream.read() == b"content"
    proxy.inject(Answer(401, b'{"error": {"message": "Anonymous caller does not have storage.objects.get access"}}'))
    with pytest.raises(UrlError, match="no credentials were found"):
        access.read(url)


def test_command_says_it_in_one_line(account: Path, tokens: Any, capfd: pytest.CaptureFixture[str]) -> None:
    tokens.refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    for command in ("status", "clean"):
        assert main([command, "google:some-project:some-store"]) == 1
        told = capfd.readouterr().err.splitlines()
        assert len(told) == 1
        assert "google:some-project:some-store could not be" in told[0]


def operations() -> list[Callable[[], object]]:
    storage = GoogleStorage("some-project:some-store")
    access = GsUrlAccess()
    return [
        storage.create,
        storage.open,
        lambda: storage.put("a", b"content"),
        lambda: access.read("gs://some-bucket/a"),
    ]


def complaint(operation: Callable[[], object], secret: str) -> str:
    with pytest.raises((StorageError, UrlError)) as caught:
        operation()
    told = str(caught.value)
    assert "\n" not in told
    assert "google:some-project:some-store" in told or "gs://some-bucket/a" in told
    assert secret.splitlines()[1 if "\n" in secret else 0] not in told
    return told
