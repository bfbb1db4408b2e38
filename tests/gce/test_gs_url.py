"""``gs://`` URLs keep the contract of URL accesses, on Google's testbench."""

from __future__ import annotations

import base64
import gzip
import io
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Bucket, Client

from gcs_servers import HURRIED
from toil_core.api.url_access import UrlAccess
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Answer
from toil_core.testing.url_access import UrlAccessContract
from toil_gce.gs_url import GsUrlAccess
from toil_gce.options import GoogleOptions

Publish = Callable[[str, bytes], str]

pytestmark = pytest.mark.network


@pytest.fixture
def bucket(gcs: str) -> Bucket:
    """A bucket that somebody else made, with the library."""
    client = Client("some-project", AnonymousCredentials())
    return client.create_bucket(f"toil-test-{uuid.uuid4().hex[:20]}")


@pytest.fixture
def publish(bucket: Bucket) -> Publish:
    """Puts an object there, with the library."""

    def put(name: str, content: bytes) -> str:
        bucket.blob(name).upload_from_string(content)
        return f"gs://{bucket.name}/{quote(name)}"

    return put


class TestGsUrls(UrlAccessContract):
    @pytest.fixture
    def access(self, gcs: str) -> UrlAccess:
        return GsUrlAccess(GoogleOptions())

    @pytest.fixture
    def nowhere(self) -> str:
        return "gs://toil-test-nobody-made-this/made"

    @pytest.fixture
    def publish(self, publish: Publish) -> Publish:
        return publish


class TestGsUrlsOnAnotherServer(UrlAccessContract):
    """Reading, writing and listing ask no more of a server than the plain API."""

    @pytest.fixture
    def gcs(self, emulator: str, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
        return emulator

    @pytest.fixture
    def access(self, gcs: str) -> UrlAccess:
        return GsUrlAccess(GoogleOptions(), patience=HURRIED)

    @pytest.fixture
    def nowhere(self) -> str:
        return "gs://toil-test-nobody-made-this/made"

    @pytest.fixture
    def publish(self, publish: Publish) -> Publish:
        return publish


@pytest.fixture
def access(gcs: str) -> GsUrlAccess:
    return GsUrlAccess()


def test_names_may_be_written_without_escapes(access: GsUrlAccess, publish: Publish, bucket: Bucket) -> None:
    publish("a b/100% sure?#1.txt", b"content")
    with access.read(f"gs://{bucket.name}/a b/100% sure?#1.txt") as stream:
        assert stream.read() == b"content"


def test_bucket_is_a_directory(access: GsUrlAccess, publish: Publish, bucket: Bucket) -> None:
    publish("a/b", b"")
    for url in (f"gs://{bucket.name}", f"gs://{bucket.name}/"):
        assert access.facts(url).is_directory
        assert list(access.list(url)) == ["a/"]


def test_folder_is_listed_with_or_without_its_slash(access: GsUrlAccess, publish: Publish, bucket: Bucket) -> None:
    publish("a/b", b"")
    publish("a/", b"")  # how some programs make a folder
    publish("a/c/d", b"")
    for url in (f"gs://{bucket.name}/a", f"gs://{bucket.name}/a/"):
        assert list(access.list(url)) == ["b", "c/"]


def test_what_is_in_no_bucket_says_so(access: GsUrlAccess) -> None:
    url = "gs://toil-test-nobody-made-this/a"
    for ask in (access.facts, access.list, access.read, lambda url: access.write(url, io.BytesIO(b""))):
        with pytest.raises(NoSuchUrl, match="no bucket"):
            ask(url)


def test_folder_cannot_be_written_to(access: GsUrlAccess, bucket: Bucket) -> None:
    for url in (f"gs://{bucket.name}", f"gs://{bucket.name}/a/"):
        with pytest.raises(UrlError, match="folder"):
            access.write(url, io.BytesIO(b""))


@pytest.mark.parametrize("url", ["gs://", "gs:///a", "gs://user:secret@bucket/a"])
def test_url_without_a_bucket_is_refused_and_shows_no_secret(access: GsUrlAccess, url: str) -> None:
    with pytest.raises(UrlError, match="names no bucket") as caught:
        access.facts(url)
    assert "secret@" not in str(caught.value)


def test_executable_stays_executable(access: GsUrlAccess, bucket: Bucket) -> None:
    access.write(f"gs://{bucket.name}/tool", io.BytesIO(b"#!/bin/sh\n"), is_executable=True)
    access.write(f"gs://{bucket.name}/data", io.BytesIO(b""))
    assert access.facts(f"gs://{bucket.name}/tool").is_executable
    assert not access.facts(f"gs://{bucket.name}/data").is_executable
    assert bucket.get_blob("tool").metadata["goog-reserved-posix-mode"] == "755"


def test_what_is_stored_packed_is_unpacked(access: GsUrlAccess, bucket: Bucket) -> None:
    blob = bucket.blob("packed.txt")
    blob.content_encoding = "gzip"
    content = b"many words " * 100_000
    blob.upload_from_string(gzip.compress(content), "text/plain")
    url = f"gs://{bucket.name}/packed.txt"
    assert access.facts(url).size is None
    for start in (0, 7, 500_000, 2_000_000):
        with access.read(url, start) as stream:
            assert stream.read() == content[start:]


@pytest.mark.parametrize("start", [0, 5])
@pytest.mark.parametrize(
    "stored",
    [
        b"plain",
        gzip.compress(b"content" * 1000)[:-20],
        gzip.compress(b"content" * 1000)[:-4] + b"none",
        b"\x1f\x8b" * 50,
    ],
    ids=["plain", "cut", "damaged", "odd"],
)
def test_what_is_said_to_be_packed_and_is_not_is_told(
    access: GsUrlAccess, bucket: Bucket, stored: bytes, start: int
) -> None:
    blob = bucket.blob("packed.txt")
    blob.content_encoding = "gzip"
    blob.upload_from_string(stored, "text/plain")

    def read() -> bytes:
        with access.read(f"gs://{bucket.name}/packed.txt", start) as stream:
            return stream.read()

    with pytest.raises(UrlError, match="its content is not") as caught:
        read()
    assert "--clear-content-encoding" in caught.value.cure


def key_file(folder: Path, name: str) -> str:
    path = folder / name
    path.write_bytes(base64.b64encode(os.urandom(32)) + b"\n")
    return str(path)


def test_customer_key_encrypts_and_is_needed_to_read(access: GsUrlAccess, bucket: Bucket, tmp_path: Path) -> None:
    url = f"gs://{bucket.name}/secret.txt"
    keyed = GsUrlAccess(GoogleOptions(google_key_file=key_file(tmp_path, "key")))
    for content in (b"content", os.urandom(6_000_000)):
        keyed.write(url, io.BytesIO(content))
        with keyed.read(url) as stream:
            assert stream.read() == content
        with pytest.raises(UrlError, match="--google-key-file"):
            access.read(url)


def test_with_a_customer_key_plain_objects_are_read_too(publish: Publish, tmp_path: Path) -> None:
    url = publish("plain.txt", b"content")
    access = GsUrlAccess(GoogleOptions(google_key_file=key_file(tmp_path, "key")))
    with access.read(url) as stream:
        assert stream.read() == b"content"


def test_project_pays_where_readers_pay(
    gcs: str, publish: Publish, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = publish("a/b.txt", b"content")
    words = b'{"error": {"message": "Bucket is a requester pays bucket but no user project provided."}}'
    with FaultProxy(gcs) as proxy:
        proxy.inject(Answer(400, words), None, lambda request: "userProject=payer" not in request.path)
        with pytest.raises(UrlError, match="TOIL_GOOGLE_PROJECTID"):
            GsUrlAccess(None, proxy.endpoint, HURRIED).read(url)
        monkeypatch.setenv("TOIL_GOOGLE_PROJECTID", "payer")
        access = GsUrlAccess(None, proxy.endpoint, HURRIED)
        with access.read(url) as stream:
            assert stream.read() == b"content"
        proxy.clear()
        assert list(access.list(f"gs://{bucket.name}/a")) == ["b.txt"]
        assert access.facts(url).size == 7
        assert all("userProject=payer" in request.path for request in proxy.requests)


def test_workers_take_the_key_from_the_environment(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"gs://{bucket.name}/secret.txt"
    path = key_file(tmp_path, "key")
    GsUrlAccess(GoogleOptions(google_key_file=path)).write(url, io.BytesIO(b"content"))
    monkeypatch.setenv("TOIL_GOOGLE_KEY_FILE", path)
    with GsUrlAccess().read(url) as stream:
        assert stream.read() == b"content"


def test_who_may_not_look_may_write(gcs: str, bucket: Bucket) -> None:
    with FaultProxy(gcs) as proxy:
        proxy.inject(Answer(403), None, lambda request: request.method in ("GET", "DELETE"))
        access = GsUrlAccess(None, proxy.endpoint, HURRIED)
        access.check_destination(f"gs://{bucket.name}/made")
        access.write(f"gs://{bucket.name}/made/a", io.BytesIO(b"content"))


@pytest.mark.parametrize("status", [400, 409, 503])
def test_what_is_not_known_of_a_destination_passes(gcs: str, bucket: Bucket, status: int) -> None:
    with FaultProxy(gcs) as proxy:
        proxy.inject(Answer(status), None)
        GsUrlAccess(None, proxy.endpoint, HURRIED).check_destination(f"gs://{bucket.name}/made")
        assert proxy.strikes() > 0


def test_who_may_not_write_is_told_the_permission(gcs: str, bucket: Bucket) -> None:
    words = b'{"error": {"message": "a@b.example does not have storage.objects.create access."}}'
    with FaultProxy(gcs) as proxy:
        proxy.inject(Answer(403, words), None, lambda request: request.method == "POST")
        with pytest.raises(UrlError, match=r"access was denied\. Grant storage\.objects\.create"):
            GsUrlAccess(None, proxy.endpoint, HURRIED).check_destination(f"gs://{bucket.name}/made")


def test_bucket_that_is_not_there_is_told_with_how_to_make_it(access: GsUrlAccess) -> None:
    with pytest.raises(NoSuchUrl, match=r"no bucket of gs://toil-test-nobody-made-this/a\. Check its name, or make it"):
        access.check_destination("gs://toil-test-nobody-made-this/a")


def test_service_that_does_not_answer_is_waited_for_later(gcs: str) -> None:
    GsUrlAccess(None, "http://127.0.0.1:1", HURRIED).check_destination("gs://bucket/made")
