"""Buckets of ours are made, known and removed; those of others are left alone."""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from gcs_servers import HURRIED
from toil_core.errors import NoSuchStore, StorageError, StoreExists
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Answer, Request, Reset
from toil_gce import storage
from toil_gce.bucket_store import LABEL, MARKER
from toil_gce.options import GoogleOptions
from toil_gce.storage import GoogleStorage

pytestmark = pytest.mark.network

Make = Callable[[], GoogleStorage]


@pytest.fixture
def name(unused: str) -> str:
    return unused.rpartition(":")[2]


@pytest.fixture
def library(gcs: str) -> Client:
    """The bare library."""
    return Client("some-project", AnonymousCredentials())


@pytest.fixture
def proxy(gcs: str) -> Iterator[FaultProxy]:
    with FaultProxy(gcs) as proxy:
        yield proxy


def test_bucket_is_private_labelled_and_where_it_was_asked_for(
    gcs: str, unused: str, name: str, library: Client
) -> None:
    GoogleStorage(unused, GoogleOptions(google_location="EUROPE-WEST1")).create()
    bucket = library.get_bucket(name)
    assert bucket.location == "EUROPE-WEST1"
    assert set(bucket.labels) == {LABEL}
    assert bucket.iam_configuration.uniform_bucket_level_access_enabled
    assert bucket.iam_configuration.public_access_prevention == "enforced"
    assert [blob.name for blob in library.list_blobs(name)] == [MARKER]


def test_what_is_deleted_is_not_kept_and_paid_for(proxy: FaultProxy, unused: str) -> None:
    GoogleStorage(unused, None, proxy.endpoint, HURRIED).create()
    posts = [request for request in proxy.requests if request.method == "POST" and "/b?" in request.path]
    assert len(posts) == 2, "the testbench, unlike the service, insists on keeping it; then it has its way"


def test_bucket_of_others_is_neither_used_nor_opened_nor_removed(client: Make, name: str, library: Client) -> None:
    library.create_bucket(name).blob("precious").upload_from_string(b"content")
    with pytest.raises(StorageError, match="something else") as caught:
        client().create()
    assert not isinstance(caught.value, StoreExists)
    assert "Choose another name" in caught.value.cure
    with pytest.raises(NoSuchStore, match="not a job store"):
        client().open()
    with pytest.raises(StorageError, match="not a job store"):
        client().destroy()
    assert [blob.name for blob in library.list_blobs(name)] == ["precious"]


def test_store_of_another_project_is_neither_opened_nor_removed(client: Make, name: str, library: Client) -> None:
    client().create()
    wrong = GoogleStorage(f"other-project:{name}", None, patience=HURRIED)
    with pytest.raises(NoSuchStore, match="is of the project some-project") as caught:
        wrong.open()
    assert f"google:some-project:{name}" in caught.value.cure
    with pytest.raises(StorageError, match="is of the project some-project"):
        wrong.destroy()
    client().open()


def test_bucket_that_nobody_may_look_at_is_of_others(proxy: FaultProxy, unused: str, library: Client) -> None:
    library.create_bucket(unused.rpartition(":")[2])
    words = b'{"error": {"code": 403, "message": "No access.", "errors": [{"reason": "forbidden"}]}}'
    proxy.inject(Answer(403, words), times=None, when=lambda request: request.method == "GET")
    with pytest.raises(StorageError, match="something else"):
        GoogleStorage(unused, None, proxy.endpoint, HURRIED).create()


@pytest.mark.parametrize("requests_done", [2, 3, 12, 30, 33])
def test_creation_that_was_cut_short_anywhere_is_removed(
    proxy: FaultProxy, unused: str, name: str, client: Make, library: Client, requests_done: int
) -> None:
    left = iter(range(requests_done + 1))
    lock = threading.Lock()

    def is_over(_: Request) -> bool:
        with lock:
            return next(left, None) is None

    proxy.inject(Reset(), times=None, when=is_over)
    with pytest.raises(StorageError, match="could not be made: the connection broke"):
        GoogleStorage(unused, None, proxy.endpoint, HURRIED).create()
    assert LABEL in library.get_bucket(name).labels
    with pytest.raises(NoSuchStore, match="never finished") as caught:
        client().open()
    assert "toil clean" in caught.value.cure
    with pytest.raises(StoreExists):
        client().create()
    client().destroy()
    assert library.lookup_bucket(name) is None
    client().create()


def test_removal_takes_old_versions_probes_and_parts_too(client: Make, name: str, library: Client) -> None:
    client().create()
    bucket = library.get_bucket(name)
    bucket.versioning_enabled = True
    bucket.patch()
    for content in (b"first", b"second"):
        client().put("a", content)
    bucket.blob("toil+parts/x/1").upload_from_string(b"left behind")
    client().destroy()
    assert library.lookup_bucket(name) is None


def test_removal_goes_on_while_a_worker_still_writes(
    proxy: FaultProxy, client: Make, unused: str, name: str, library: Client
) -> None:
    client().create()
    worker = client()
    worker.open()
    late = iter(["late-1", "late-2"])

    def write_before_the_bucket_goes(request: Request) -> bool:
        if request.method == "DELETE" and "/o/" not in request.path and (key := next(late, None)):
            worker.put(key, b"content")
        return False

    proxy.inject(Reset(), when=write_before_the_bucket_goes)
    GoogleStorage(unused, None, proxy.endpoint, HURRIED).destroy()
    assert next(late, None) is None
    assert library.lookup_bucket(name) is None


def test_store_that_was_made_anew_survives_a_removal_that_came_too_late(
    proxy: FaultProxy, client: Make, unused: str
) -> None:
    client().create()
    overtakes = iter([True])

    def make_anew_before_the_bucket_goes(request: Request) -> bool:
        if request.method == "DELETE" and "/o/" not in request.path and next(overtakes, False):
            client().destroy()
            client().create()
            client().put("a", b"of the new store")
        return False

    proxy.inject(Reset(), when=make_anew_before_the_bucket_goes)
    GoogleStorage(unused, None, proxy.endpoint, HURRIED).destroy()
    client().open()
    assert client().get("a").read() == b"of the new store"
    client().destroy()


def test_bucket_that_may_not_be_removed_is_told_with_the_permission(
    proxy: FaultProxy, client: Make, unused: str
) -> None:
    client().create()
    words = (
        b'{"error": {"message": "x does not have storage.buckets.delete access to the Google Cloud Storage bucket."}}'
    )
    proxy.inject(Answer(403, words), None, lambda request: request.method == "DELETE" and "/o/" not in request.path)
    with pytest.raises(StorageError) as caught:
        GoogleStorage(unused, None, proxy.endpoint, HURRIED).destroy()
    assert f"google:{unused} could not be removed: access was denied" in str(caught.value)
    assert "storage.buckets.delete" in caught.value.cure


def test_project_that_is_not_there_is_told(proxy: FaultProxy, unused: str) -> None:
    words = b'{"error": {"code": 404, "message": "The requested project was not found.", "errors": []}}'
    proxy.inject(Answer(404, words), times=None)
    with pytest.raises(StorageError, match="no project some-project"):
        GoogleStorage(unused, None, proxy.endpoint, HURRIED).create()


def test_location_that_is_none_is_told(proxy: FaultProxy, unused: str) -> None:
    words = b'{"error": {"code": 400, "message": "The specified location constraint is not valid."}}'
    proxy.inject(Answer(400, words), times=None)
    with pytest.raises(StorageError, match='location "MOON"') as caught:
        GoogleStorage(unused, GoogleOptions(google_location="MOON"), proxy.endpoint, HURRIED).create()
    assert "--google-location" in caught.value.cure


def test_waiting_for_a_service_that_is_away_is_told_once(
    client: Make, unused: str, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    client().create()
    patience = dataclasses.replace(HURRIED, attempts=24)
    remote = GoogleStorage(unused, None, proxy.endpoint, patience)
    remote.put("a", b"content")
    assert caplog.records == []
    proxy.inject(Reset(), times=20)
    remote.put("a", b"content")
    assert [record.getMessage() for record in caplog.records if record.name == "toil.google"] == [
        "Cloud Storage does not do as it is asked: the connection broke; trying on"
    ]


def test_store_is_opened_with_its_own_customer_key_only(
    client: Make, unused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers = []
    for number in range(2):
        path = tmp_path / f"key-{number}"
        path.write_bytes(base64.b64encode(os.urandom(32)))
        makers.append(functools.partial(GoogleStorage, unused, GoogleOptions(google_key_file=str(path))))
    right, wrong = makers
    right().create()
    right().open()
    right().put("a", b"content")
    monkeypatch.setattr(storage, "_known_keys", {})  # as in another process
    (tmp_path / "key-0").rename(tmp_path / "elsewhere")
    for other in (client, wrong):
        with pytest.raises(StorageError, match="customer key") as caught:
            other().open()
        assert "TOIL_GOOGLE_KEY_FILE" in caught.value.cure
    for use in (lambda: client().get("a"), lambda: client().put("b", b"")):
        with pytest.raises(StorageError, match="customer key"):
            use()
    (tmp_path / "elsewhere").rename(tmp_path / "key-0")
    client().destroy()
    client().create()
    with pytest.raises(StorageError, match="without a customer key"):
        right().open()


def test_workers_are_not_told_the_key_and_use_it_all_the_same(
    client: Make, unused: str, name: str, library: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_bytes(base64.b64encode(os.urandom(32)))
    leader = GoogleStorage(unused, GoogleOptions(google_key_file=str(path)))
    leader.create()
    monkeypatch.setattr(storage, "_known_keys", {})  # as in another process
    worker = client()
    worker.put("a", b"content")
    assert "customerEncryption" in library.bucket(name).get_blob("a")._properties
    with leader.get("a") as stream:
        assert stream.read() == b"content"
    assert path.read_text() not in library.bucket(name).blob(MARKER).download_as_text()


def test_objects_of_a_store_with_a_customer_key_are_all_encrypted(
    unused: str, name: str, gcs: str, library: Client, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_bytes(base64.b64encode(os.urandom(32)))
    keyed = GoogleStorage(unused, GoogleOptions(google_key_file=str(path)))
    keyed.create()
    keyed.put("small", b"content")
    keyed.put("long", os.urandom(12_000_000))
    for key in ("small", "long"):
        assert library.bucket(name).get_blob(key)._properties["customerEncryption"]["encryptionAlgorithm"] == "AES256"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": "x", "key_sha256": ""}'])
def test_damaged_marker_is_told(client: Make, name: str, library: Client, content: bytes) -> None:
    client().create()
    library.bucket(name).blob(MARKER).upload_from_string(content)
    with pytest.raises(StorageError, match="damaged"):
        client().open()


def test_store_of_a_later_version_is_told(client: Make, name: str, library: Client) -> None:
    client().create()
    library.bucket(name).blob(MARKER).upload_from_string(json.dumps({"format": 2, "key_sha256": "", "key_file": ""}))
    with pytest.raises(StorageError, match="upgrade toil-gce"):
        client().open()


def test_server_that_ignores_conditions_is_refused_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, emulator: str
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    name = f"toil-test-{uuid.uuid4().hex[:20]}"
    with pytest.raises(StorageError, match="ifGenerationMatch") as caught:
        GoogleStorage(f"some-project:{name}", None, patience=HURRIED).create()
    assert "STORAGE_EMULATOR_HOST" in caught.value.cure
    assert Client("some-project", AnonymousCredentials()).lookup_bucket(name) is None
