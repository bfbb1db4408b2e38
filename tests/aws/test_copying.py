"""Imports that S3 copies by itself: long ones in parts, encrypted as the store is, never of two versions."""

from __future__ import annotations

import os

import boto3
import pytest

from toil_aws import copying, s3_client
from toil_aws.endpoint import Endpoint
from toil_aws.s3_options import S3Options
from toil_aws.s3_storage import S3Storage
from toil_core.errors import NoSuchObject
from toil_core.run import Run
from toil_core.system.retry import Patience
from toil_core.testing import FaultProxy, Reset
from toil_core.testing.streams import pattern

pytestmark = pytest.mark.network

REGION = "us-west-2"
HURRIED = Patience(base_seconds=0.001, cap_seconds=0.01)
PART = 5 * 1024**2
LONG = pattern(0, 2 * PART + 12_345)


@pytest.fixture
def proxy(at_server):
    with FaultProxy(os.environ["AWS_ENDPOINT_URL_S3"]) as proxy:
        yield proxy


@pytest.fixture
def library(at_server):
    s3_client.forget_sessions()
    return boto3.Session().client("s3", region_name="us-east-1")


@pytest.fixture
def storage_with(proxy, unused):
    """Makes a store behind the proxy."""
    made = []

    def make(**options):
        server = Endpoint(proxy.endpoint, REGION)
        storage = S3Storage(f"{REGION}:{unused}", S3Options(**options), server=server, patience=HURRIED)
        storage.create()
        made.append(storage)
        return storage

    yield make
    proxy.clear()
    for storage in made:
        storage.destroy()


@pytest.fixture
def source(library, unused, monkeypatch):
    """The URL of a long object, in a bucket of somebody else, and what replaces it."""
    monkeypatch.setattr(copying, "PART_BYTES", PART)
    bucket = f"in-{unused}"
    library.create_bucket(Bucket=bucket)

    def put(content=LONG, **more):
        library.put_object(Bucket=bucket, Key="folder/long", Body=content, **more)
        return f"s3://{bucket}/folder/long"

    put.url = put()
    return put


def content(storage, key):
    with storage.get(key) as stream:
        return stream.read()


def copies(proxy):
    return [request for request in proxy.requests if "x-amz-copy-source" in request.headers]


def uploads(library, unused):
    return library.list_multipart_uploads(Bucket=f"toil-{unused}").get("Uploads", [])


def test_long_object_is_copied_in_parts_of_the_version_that_was_found(storage_with, source, proxy, library, unused):
    storage = storage_with()
    proxy.clear()
    assert storage.copy_url("d/copied", source.url) == len(LONG)
    asked = copies(proxy)
    ranges = sorted(request.headers["x-amz-copy-source-range"] for request in asked)
    assert ranges == sorted(
        [f"bytes=0-{PART - 1}", f"bytes={PART}-{2 * PART - 1}", f"bytes={2 * PART}-{len(LONG) - 1}"]
    )
    assert len({request.headers["x-amz-copy-source-if-match"] for request in asked}) == 1
    assert proxy.passed_bytes < 100_000
    assert content(storage, "d/copied") == LONG
    assert uploads(library, unused) == []


@pytest.mark.parametrize("after", [2, 3, 6])
def test_long_object_that_is_replaced_meanwhile_is_not_copied_and_leaves_no_parts(
    storage_with, source, proxy, library, unused, after
):
    storage = storage_with()
    proxy.clear()

    seen = []

    def replace(request):
        seen.append(request)
        if len(seen) == after:
            source(b"x" * len(LONG))
        return False

    proxy.inject(Reset(), times=None, when=replace)
    assert storage.copy_url("d/copied", source.url) is None
    with pytest.raises(NoSuchObject):
        storage.size("d/copied")
    assert uploads(library, unused) == []


@pytest.mark.parametrize("size", [len(LONG), 100])
@pytest.mark.parametrize("at_server", ["moto"], indirect=True)  # Ceph refuses such keys without TLS
def test_copy_is_encrypted_with_the_key_of_the_store(storage_with, source, proxy, tmp_path, size):
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    storage = storage_with(sse_key=str(key))
    source(LONG[:size])
    proxy.clear()
    assert storage.copy_url("d/copied", source.url) == size
    for request in copies(proxy):
        assert request.headers["x-amz-server-side-encryption-customer-algorithm"] == "AES256"
        assert not [name for name in request.headers if name.startswith("x-amz-copy-source-server-side")]
    assert content(storage, "d/copied") == LONG[:size]


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"s3_encryption": "sse-s3"}, "AES256"), ({"s3_encryption": "sse-kms", "s3_kms_key": "k"}, "aws:kms")],
)
@pytest.mark.parametrize("size", [len(LONG), 100])
@pytest.mark.parametrize("at_server", ["moto"], indirect=True)
def test_copy_is_encrypted_as_the_store_asks_for(storage_with, source, library, unused, options, kind, size):
    storage = storage_with(**options)
    source(LONG[:size])
    assert storage.copy_url("d/copied", source.url) == size
    assert library.head_object(Bucket=f"toil-{unused}", Key="objects/d/copied")["ServerSideEncryption"] == kind


def test_metadata_and_tags_of_the_source_stay_there(storage_with, source, library, unused):
    storage = storage_with()
    source(b"content", Metadata={"toil-md5": "0" * 32, "toil-parts": "md5"}, Tagging="a=b")
    assert storage.copy_url("d/copied", source.url) == 7
    found = library.head_object(Bucket=f"toil-{unused}", Key="objects/d/copied")
    assert (found["Metadata"], found.get("TagCount")) == ({}, None)
    assert content(storage, "d/copied") == b"content"


def test_folder_is_not_copied(storage_with, source):
    storage = storage_with()
    for url in (source.url.removesuffix("long"), source.url.removesuffix("folder/long")):
        assert storage.copy_url("d/copied", url) is None


def test_run_imports_by_a_copy_and_hands_out_the_content(source, proxy, unused, tmp_path, monkeypatch):
    for name in ("TOIL_S3_HOST", "TOIL_S3_PORT", "TOIL_S3_USE_SSL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
    with Run(job_store=f"aws:{REGION}:{unused}") as run:
        proxy.clear()
        ref = run.import_file(source.url)
        assert proxy.passed_bytes < 100_000
        assert (ref.size, ref.name, ref.checksum) == (len(LONG), "long", "")
        run.export_file(ref, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == LONG
