"""With TLS, on a server that checks signatures and enforces keys of customers."""

from __future__ import annotations

import io

import boto3
import pytest
from botocore.exceptions import ClientError

from toil_aws import s3_client
from toil_aws.part_sizes import PART_BYTES
from toil_aws.s3_options import S3Options
from toil_aws.s3_storage import S3Storage
from toil_core.errors import ObjectExists, StorageError
from toil_core.system.retry import Patience
from toil_core.testing.streams import pattern

REGION = "us-west-2"
HURRIED = Patience(attempts=3, base_seconds=0.001)
LONG = 2 * PART_BYTES + 12_345


@pytest.fixture
def tls(rgw, monkeypatch):
    """Ceph's server with TLS, its certificate trusted, named by Toil's own variables."""
    monkeypatch.setenv("TOIL_S3_PORT", rgw.tls_url.rpartition(":")[2])
    monkeypatch.setenv("TOIL_S3_USE_SSL", "true")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(rgw.certificate))
    s3_client.forget_sessions()
    yield rgw
    s3_client.forget_sessions()


@pytest.mark.parametrize("has_key", [False, True], ids=["plain", "customer-key"])
def test_short_and_long_objects_pass(tls, unused, tmp_path, has_key):
    (tmp_path / "key").write_bytes(bytes(range(32)))
    options = S3Options(sse_key=str(tmp_path / "key")) if has_key else S3Options()
    storage = S3Storage(f"{REGION}:{unused}", options, patience=HURRIED)
    storage.create()
    storage.put("short", b"content", if_absent=True)
    storage.put("long", io.BytesIO(pattern(0, LONG)))
    with pytest.raises(ObjectExists):
        storage.put("long", io.BytesIO(pattern(0, LONG)), if_absent=True)
    storage.put("empty", b"")
    later = S3Storage(f"{REGION}:{unused}", patience=HURRIED)
    assert later.get("short").read() == b"content"
    assert later.get("empty").read() == b""
    with later.get("long") as stream:
        assert stream.read() == pattern(0, LONG)
    assert later.get("long", PART_BYTES - 5, 10).read() == pattern(PART_BYTES - 5, 10)
    assert (later.size("short"), later.size("long"), later.size("empty")) == (7, LONG, 0)
    bare = boto3.Session().client("s3", region_name="us-east-1", endpoint_url=tls.tls_url)
    for key in ("short", "long"):
        if has_key:
            with pytest.raises(ClientError):
                bare.get_object(Bucket=f"toil-{unused}", Key=f"objects/{key}")
        else:
            assert bare.get_object(Bucket=f"toil-{unused}", Key=f"objects/{key}")["ContentLength"]
    storage.delete(["short"])
    storage.destroy()


def test_certificate_that_nobody_vouches_for_is_told(tls, unused, monkeypatch):
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(StorageError, match=r"certificate cannot be trusted.*AWS_CA_BUNDLE"):
        S3Storage(f"{REGION}:{unused}", patience=HURRIED).open()


def test_server_without_tls_is_told(rgw, unused, monkeypatch):
    monkeypatch.setenv("TOIL_S3_USE_SSL", "true")
    s3_client.forget_sessions()
    with pytest.raises(StorageError, match=r"speaks no TLS.*TOIL_S3_USE_SSL=false"):
        S3Storage(f"{REGION}:{unused}", patience=HURRIED).open()
