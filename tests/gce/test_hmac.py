"""HMAC keys of a ``.boto`` file open ``gs://`` URLs, by signed requests to the XML API."""

from __future__ import annotations

import io
import os
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Bucket, Client

from gcs_servers import HURRIED
from toil_core.api.url_access import UrlAccess
from toil_core.errors import NoSuchUrl, StorageError, UrlError, UsageError
from toil_core.testing import FaultProxy, UrlAccessContract
from toil_core.testing.faults import Answer, Reset
from toil_gce.boto_file import HmacKey, find_key
from toil_gce.gs_url import GsUrlAccess
from toil_gce.hmac_signature import Dialect, Query, signed_headers
from toil_gce.storage import GoogleStorage

SECRET = "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ"
BOTO = f"[Credentials]\ngs_access_key_id = GOOG1EXAMPLE\ngs_secret_access_key = {SECRET}\n[GSUtil]\n"
KEY = HmacKey("GOOG1EXAMPLE", SECRET, "")

# The examples that Amazon publishes of the same process:
# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
AMAZON = Dialect("AWS4-HMAC-SHA256", "AWS4", "us-east-1", "s3", "aws4_request", "x-amz-")
AMAZONS_KEY = HmacKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("path", "headers", "signature"),
    [
        ("/test.txt", {"Range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        (
            f"/?{Query({'prefix': 'J', 'max-keys': '2'})}",
            {},
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_signature_is_that_of_the_published_examples(path: str, headers: Mapping[str, str], signature: str) -> None:
    signed = signed_headers(
        AMAZONS_KEY,
        "GET",
        f"https://examplebucket.s3.amazonaws.com{path}",
        {**headers, "x-amz-content-sha256": NOTHING},
        datetime(2013, 5, 24, tzinfo=timezone.utc),
        AMAZON,
    )
    assert signed["authorization"].endswith(f"Signature={signature}")


def test_header_that_is_rewritten_on_the_way_is_not_signed() -> None:
    signed = signed_headers(KEY, "GET", "https://h/b/a", {"Accept-Encoding": "gzip"}, datetime.now(timezone.utc))
    assert signed["accept-encoding"] == "gzip"
    assert "accept-encoding" not in signed["authorization"]
    assert signed["authorization"].startswith("GOOG4-HMAC-SHA256 Credential=GOOG1EXAMPLE/")
    assert SECRET not in str(signed)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a ``.boto`` file, and nothing else of Google's."""
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "BOTO_CONFIG", "BOTO_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CLOUDSDK_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".boto").write_text(BOTO)
    return tmp_path


def test_key_is_found_where_gsutil_finds_it(home: Path) -> None:
    assert find_key(os.environ) == HmacKey("GOOG1EXAMPLE", SECRET, str(home / ".boto"))
    assert SECRET not in repr(find_key(os.environ))
    other = home / "other"
    other.write_text(BOTO.replace("GOOG1EXAMPLE", "GOOG2OTHER"))
    for environment in ({"BOTO_CONFIG": str(other)}, {"BOTO_PATH": f"{home}/none:{other}"}):
        found = find_key({"HOME": str(home), **environment})
        assert found is not None
        assert found.access_id == "GOOG2OTHER"


def test_other_credentials_go_before_the_key(home: Path) -> None:
    for environment in ({"GOOGLE_APPLICATION_CREDENTIALS": "x"}, {"STORAGE_EMULATOR_HOST": "x"}):
        assert find_key({"HOME": str(home), **environment}) is None
    (home / ".config" / "gcloud").mkdir(parents=True)
    (home / ".config" / "gcloud" / "application_default_credentials.json").write_text("{}")
    assert find_key({"HOME": str(home)}) is None


@pytest.mark.parametrize("content", ["", "[Credentials]\n", "[Credentials]\ngs_access_key_id = x\n", "[Boto]\n"])
def test_file_without_a_key_is_as_none(home: Path, content: str) -> None:
    (home / ".boto").write_text(content)
    assert find_key(os.environ) is None


def test_file_that_boto_does_not_read_is_told_without_its_content(home: Path) -> None:
    (home / ".boto").write_text(f"[Credentials\n{SECRET}\n")
    with pytest.raises(UsageError, match="boto") as caught:
        find_key(os.environ)
    assert SECRET not in str(caught.value)


def test_job_store_says_that_the_key_does_not_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    storage = GoogleStorage("some-project:some-store")
    for operation in (storage.create, storage.open, storage.destroy):
        with pytest.raises(StorageError, match=r"HMAC key in .*boto, which opens gs:// URLs only") as caught:
            operation()
        assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.cure
        assert SECRET not in str(caught.value)


class Lister(BaseHTTPRequestHandler):
    """Lists objects as the XML API does, a few at a time, if the signature is right."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        status, body = self._listing() if self._is_signed() else (403, _error("SignatureDoesNotMatch", "Not so."))
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged."""

    def _is_signed(self) -> bool:
        names = self.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        said = {name: self.headers[name] for name in names if name not in ("host", "x-goog-date")}
        now = datetime.strptime(self.headers["x-goog-date"], "%Y%m%dT%H%M%SZ")
        url = f"http://{self.headers['host']}{self.path}"
        found = signed_headers(KEY, self.command, url, said, now)
        return bool(found["authorization"] == self.headers["authorization"])

    def _listing(self) -> tuple[int, bytes]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/bucket" or query["list-type"] != "2":
            return 404, _error("NoSuchBucket", "The specified bucket does not exist.")
        prefix, begin = query.get("prefix", ""), int(query.get("continuation-token", "0"))
        below = sorted({name.removeprefix(prefix) for name in self.server.names if name.startswith(prefix)})
        found = sorted({one.partition("/")[0] + "/" if "/" in one else one for one in below})
        page = found[begin : begin + 2]
        keys = "".join(f"<Contents><Key>{prefix}{one}</Key></Contents>" for one in page if one[-1] != "/")
        folders = "".join(
            f"<CommonPrefixes><Prefix>{prefix}{one}</Prefix></CommonPrefixes>" for one in page if one[-1] == "/"
        )
        more = f"<NextContinuationToken>{begin + 2}</NextContinuationToken>" if begin + 2 < len(found) else ""
        text = f"<ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'>{keys}{folders}{more}"
        return 200, f"{text}</ListBucketResult>".encode()


def _error(code: str, message: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@pytest.fixture
def lister() -> Iterator[str]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Lister)
    server.daemon_threads = True
    server.names = ["a/b", "a/c d", "a/e/f", "a/e/g", "a/h", "i"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_folder_is_listed_by_signed_requests(home: Path, lister: str) -> None:
    access = GsUrlAccess(None, lister, HURRIED)
    assert list(access.list("gs://bucket/a")) == ["b", "c d", "e/", "h"]
    assert list(access.list("gs://bucket")) == ["a/", "i"]
    with pytest.raises(NoSuchUrl, match="nothing"):
        access.list("gs://bucket/none")
    with pytest.raises(NoSuchUrl, match="no bucket"):
        access.list("gs://other/a")


def test_key_that_is_not_accepted_is_told_and_not_shown(home: Path, lister: str) -> None:
    (home / ".boto").write_text(BOTO.replace(SECRET, "another+secret"))
    with pytest.raises(UrlError, match="HMAC key") as caught:
        GsUrlAccess(None, lister, HURRIED).list("gs://bucket/a")
    assert str(home / ".boto") in str(caught.value)
    assert "another+secret" not in str(caught.value)


@pytest.fixture
def bucket(testbench: str) -> Bucket:
    client = Client("some-project", AnonymousCredentials(), client_options={"api_endpoint": testbench})
    return client.create_bucket(f"toil-test-{uuid.uuid4().hex[:20]}")


@pytest.mark.network
class TestSignedGsUrls(UrlAccessContract):
    """The testbench speaks of the XML API what concerns one object; listings are tested above."""

    @pytest.fixture
    def access(self, home: Path, testbench: str) -> UrlAccess:
        return GsUrlAccess(None, testbench, HURRIED)

    @pytest.fixture
    def publish(self, bucket: Bucket) -> Callable[[str, bytes], str]:
        def put(name: str, content: bytes) -> str:
            bucket.blob(name).upload_from_string(content)
            return f"gs://{bucket.name}/{quote(name)}"

        return put

    def test_a_directory_lists_its_names(self) -> None:
        pytest.skip("the testbench does not list by the XML API")

    def test_a_destination_that_cannot_be_there_is_refused(self) -> None:
        pytest.skip("the testbench does not list by the XML API")

    def test_a_destination_that_can_be_written_passes_and_nothing_is_left_there(self) -> None:
        pytest.skip("the testbench does not list by the XML API")

    def test_what_is_not_there_raises_no_such_url(self, access: UrlAccess, absent: str) -> None:
        with pytest.raises(NoSuchUrl):
            access.read(absent).close()


@pytest.mark.network
@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "NoSuchBucket", "There is no bucket of gs://box/made. Check its name, or make it"),
        (403, "SignatureDoesNotMatch", "was not accepted"),
        (403, "AccessDenied", ""),  # who may not look may write
        (503, "ServiceUnavailable", ""),
    ],
)
def test_destination_is_refused_on_certain_knowledge(
    home: Path, testbench: str, status: int, code: str, said: str
) -> None:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>So it is.</Message></Error>".encode()
    with FaultProxy(testbench) as proxy:
        proxy.inject(Answer(status, body, {"Content-Type": "application/xml"}), None)
        access = GsUrlAccess(None, proxy.endpoint, HURRIED)
        if not said:
            access.check_destination("gs://box/made")
            return
        with pytest.raises(UrlError, match=re.escape(said)):
            access.check_destination("gs://box/made")


@pytest.mark.network
def test_upload_is_sent_again_whole_when_it_broke(home: Path, testbench: str, bucket: Bucket) -> None:
    content = os.urandom(9_000_000)
    with FaultProxy(testbench) as proxy:
        proxy.inject(Reset(is_late=True))
        proxy.inject(Answer(503, b""))
        GsUrlAccess(None, proxy.endpoint, HURRIED).write(f"gs://{bucket.name}/long", io.BytesIO(content))
        assert [request.method for request in proxy.requests] == ["PUT"] * 3
        assert all("x-goog-hash" in request.headers for request in proxy.requests)
    assert bucket.blob("long").download_as_bytes() == content


@pytest.mark.network
def test_wrong_clock_is_told(home: Path, testbench: str, bucket: Bucket) -> None:
    with FaultProxy(testbench) as proxy:
        proxy.inject(Answer(403, _error("RequestTimeTooSkewed", "The difference is too large.")), times=None)
        with pytest.raises(UrlError, match="clock"):
            GsUrlAccess(None, proxy.endpoint, HURRIED).read(f"gs://{bucket.name}/a")
