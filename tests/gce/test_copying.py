"""Imports that Cloud Storage copies by itself: encrypted as the store is, unpacked ones never."""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Bucket, Client

from gcs_servers import HURRIED
from toil_core.errors import NoSuchObject
from toil_core.run import Run
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Reset
from toil_core.testing.streams import pattern
from toil_gce.options import GoogleOptions
from toil_gce.storage import GoogleStorage

pytestmark = pytest.mark.network

CONTENT = pattern(0, 2_500_000)
"""The testbench copies 1 MiB with each request."""

Make = Callable[..., GoogleStorage]


@pytest.fixture
def proxy(gcs: str) -> Iterator[FaultProxy]:
    with FaultProxy(gcs) as proxy:
        yield proxy


@pytest.fixture
def bucket(gcs: str, unused: str) -> Bucket:
    """One of the person's own."""
    return Client("some-project", AnonymousCredentials()).create_bucket(f"{unused.rpartition(':')[2]}-in")


@pytest.fixture
def make(proxy: FaultProxy, unused: str) -> Iterator[Make]:
    """Makes the store, with a customer key or none."""
    made = []

    def create(key_file: str = "") -> GoogleStorage:
        storage = GoogleStorage(unused, GoogleOptions(google_key_file=key_file), proxy.endpoint, HURRIED)
        storage.create()
        made.append(storage)
        proxy.clear()
        return storage

    yield create
    proxy.clear()
    for storage in made:
        storage.destroy()


@pytest.fixture
def new_key(tmp_path: Path) -> Callable[[str], tuple[str, bytes]]:
    """Makes a key in a file of that name."""

    def new(name: str) -> tuple[str, bytes]:
        key = os.urandom(32)
        (tmp_path / name).write_text(base64.b64encode(key).decode())
        return str(tmp_path / name), key

    return new


def content(storage: GoogleStorage, key: str) -> bytes:
    with storage.get(key) as stream:
        return stream.read()


def test_long_object_is_copied_in_as_many_requests_as_the_service_asks_for(
    make: Make, bucket: Bucket, proxy: FaultProxy
) -> None:
    storage = make()
    bucket.blob("long").upload_from_string(CONTENT)
    assert storage.copy_url("d/copied", f"gs://{bucket.name}/long") == len(CONTENT)
    asked = [request.path for request in proxy.requests if "/rewriteTo/" in request.path]
    assert ["rewriteToken" in path for path in asked] == [False, True, True]
    assert all("ifSourceGenerationMatch" in path for path in asked)
    assert proxy.passed_bytes < 50_000
    assert content(storage, "d/copied") == CONTENT


def test_object_that_is_replaced_between_two_requests_is_not_copied(
    make: Make, bucket: Bucket, proxy: FaultProxy
) -> None:
    storage = make()
    bucket.blob("long").upload_from_string(CONTENT)
    seen = []

    def replace(request: object) -> bool:
        seen.append(request)
        if len(seen) == 3:
            bucket.blob("long").upload_from_string(b"x" * len(CONTENT))
        return False

    proxy.inject(Reset(), times=None, when=replace)
    assert storage.copy_url("d/copied", f"gs://{bucket.name}/long") is None
    with pytest.raises(NoSuchObject):
        storage.size("d/copied")


def test_what_is_stored_packed_is_left_to_be_read(make: Make, bucket: Bucket) -> None:
    storage = make()
    blob = bucket.blob("packed")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(b"content"))
    assert storage.copy_url("d/copied", f"gs://{bucket.name}/packed") is None
    with pytest.raises(NoSuchObject):
        storage.size("d/copied")


def test_copy_is_encrypted_with_the_key_of_the_store(
    make: Make, bucket: Bucket, unused: str, new_key: Callable[[str], tuple[str, bytes]]
) -> None:
    path, key = new_key("key")
    storage = make(path)
    bucket.blob("plain").upload_from_string(b"plain")
    bucket.blob("sealed", encryption_key=key).upload_from_string(b"sealed")
    for name in ("plain", "sealed"):
        assert storage.copy_url(f"d/{name}", f"gs://{bucket.name}/{name}") == len(name)
        assert content(storage, f"d/{name}") == name.encode()
        kept = bucket.client.bucket(unused.rpartition(":")[2]).get_blob(f"d/{name}", encryption_key=key)
        assert kept is not None
        assert "customerEncryption" in kept._properties


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_source_that_is_encrypted_with_another_key_is_left_to_be_read(
    make: Make, bucket: Bucket, new_key: Callable[[str], tuple[str, bytes]], is_encrypted: bool
) -> None:
    storage = make(new_key("own")[0] if is_encrypted else "")
    bucket.blob("sealed", encryption_key=new_key("other")[1]).upload_from_string(b"sealed")
    assert storage.copy_url("d/copied", f"gs://{bucket.name}/sealed") is None


def test_run_imports_by_a_copy_and_hands_out_the_content(
    bucket: Bucket, unused: str, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.blob("folder/reads.fq").upload_from_string(CONTENT)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.endpoint)
    with Run(job_store=f"google:{unused}") as run:
        proxy.clear()
        ref = run.import_file(f"gs://{bucket.name}/folder/reads.fq")
        assert proxy.passed_bytes < 50_000
        assert (ref.size, ref.name, ref.checksum) == (len(CONTENT), "reads.fq", "")
        run.export_file(ref, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
