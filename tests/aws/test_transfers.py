"""Long objects go in parts, and come back checked; what a store promises besides is on its bucket."""

from __future__ import annotations

import io
import json
import os

import boto3
import pytest

from toil_aws import in_flight, s3_client
from toil_aws.endpoint import Endpoint
from toil_aws.part_sizes import PART_BYTES
from toil_aws.s3_options import S3Options
from toil_aws.s3_storage import S3Storage
from toil_aws.s3_url import S3UrlAccess
from toil_core.errors import StorageError
from toil_core.system.retry import Patience
from toil_core.testing import Answer, Corrupt, CutUpload, FaultProxy, Reset
from toil_core.testing.streams import BreakingStream, StreamBroke, pattern

REGION = "us-west-2"
HURRIED = Patience(base_seconds=0.001, cap_seconds=0.01)
LONG = 3 * PART_BYTES + 12_345


@pytest.fixture
def proxy(moto):
    with FaultProxy(moto) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def environment(moto, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    s3_client.forget_sessions()


@pytest.fixture
def storage(proxy, unused):
    """A store behind the proxy, with a long object."""
    storage = S3Storage(f"{REGION}:{unused}", server=Endpoint(proxy.endpoint, REGION), patience=HURRIED)
    storage.create()
    storage.put("long", io.BytesIO(pattern(0, LONG)))
    yield storage
    proxy.clear()
    storage.destroy()


def client():
    return boto3.Session().client("s3", region_name=REGION)


def requests(proxy, method):
    return [request for request in proxy.requests if request.method == method]


def test_long_object_is_sent_in_parts_and_read_in_ranges(storage, proxy):
    assert sum("partNumber" in request.path for request in requests(proxy, "PUT")) == 4
    proxy.clear()
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, LONG)
    assert len(requests(proxy, "GET")) == 4


def test_short_object_is_one_request_each_way(storage, proxy):
    proxy.clear()
    storage.put("short", io.BytesIO(b"content"))
    storage.put("other", b"content", if_absent=True)
    with storage.get("short") as stream:
        assert stream.read() == b"content"
    assert len(proxy.requests) == 3


def test_deleting_a_thousand_objects_is_one_request(storage, proxy):
    proxy.clear()
    storage.delete(f"files/{number}" for number in range(1000))
    assert len(proxy.requests) == 1


def test_corrupted_part_of_a_long_object_is_found(storage, proxy):
    proxy.inject(Corrupt(at_least=PART_BYTES), when=lambda request: request.method == "GET")
    with pytest.raises(StorageError, match='read "long": what came is not what was written'):
        storage.get("long").read()


def test_part_that_is_lost_on_its_way_is_sent_again(storage, proxy):
    proxy.inject(Reset(), times=3, when=lambda request: "partNumber" in request.path)
    proxy.inject(Reset(is_late=True), times=1, when=lambda request: request.method == "POST")
    storage.put("again", io.BytesIO(pattern(0, LONG)))
    assert proxy.strikes() == 4
    with storage.get("again") as stream:
        assert stream.read() == pattern(0, LONG)


def test_stream_that_breaks_leaves_no_parts_to_pay_for(storage, unused):
    with pytest.raises(StreamBroke):
        storage.put("broken", BreakingStream(LONG))
    assert "Uploads" not in client().list_multipart_uploads(Bucket=f"toil-{unused}")


def test_object_that_is_replaced_while_it_is_read_is_an_error(storage):
    with storage.get("long") as stream:
        assert stream.read(10) == pattern(0, 10)
        storage.put("long", io.BytesIO(pattern(1, LONG)))
        with pytest.raises(StorageError, match="it was replaced while it was read"):
            stream.read()


def test_room_for_parts_is_given_back_by_what_is_not_read_to_its_end(storage):
    with storage.get("long") as stream:
        stream.read(PART_BYTES + 1)
    with pytest.raises(StreamBroke):
        storage.put("broken", BreakingStream(LONG))
    assert in_flight.in_flight.take(in_flight.BYTES, must=False)
    in_flight.in_flight.give(in_flight.BYTES)


def test_long_conditional_put_is_one_request_whose_condition_every_server_heeds(storage, proxy):
    proxy.clear()
    storage.put("once", io.BytesIO(pattern(0, LONG)), if_absent=True)
    assert [request.headers.get("if-none-match") for request in requests(proxy, "PUT")] == ["*"]
    assert storage.size("once") == LONG


def test_long_conditional_put_is_sent_whole_again(storage, proxy):
    proxy.inject(CutUpload(after_bytes=PART_BYTES), times=2)
    storage.put("once", io.BytesIO(pattern(0, LONG)), if_absent=True)
    assert proxy.strikes() == 2
    with storage.get("once") as stream:
        assert stream.read() == pattern(0, LONG)


def test_unfinished_uploads_and_old_versions_go_with_the_store(storage, unused):
    s3, bucket = client(), f"toil-{unused}"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.create_multipart_upload(Bucket=bucket, Key="objects/left")
    storage.put("a", b"old")
    storage.put("a", b"new")
    storage.delete(["a"])
    storage.destroy()
    assert bucket not in {found["Name"] for found in s3.list_buckets()["Buckets"]}
    storage.create()
    storage.put("long", b"")


def test_name_that_the_service_is_not_done_with_is_waited_for(proxy, unused):
    again = Answer(409, b"<Error><Code>OperationAborted</Code></Error>", {"Content-Type": "application/xml"})
    storage = S3Storage(f"{REGION}:{unused}", server=Endpoint(proxy.endpoint, REGION), patience=HURRIED)
    proxy.inject(again, times=HURRIED.attempts + 2, when=lambda request: request.method == "PUT")
    storage.create()
    storage.destroy()


def test_bucket_that_may_not_be_deleted_is_told(storage, proxy, unused):
    denied = Answer(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
    proxy.inject(denied, times=None, when=lambda request: request.method in ("DELETE", "POST"))
    with pytest.raises(
        StorageError,
        match=f"aws:{REGION}:{unused} could not be removed: access is denied. The permission s3:DeleteObject",
    ):
        storage.destroy()


def test_bucket_is_tagged_and_closed_to_the_public(unused, monkeypatch):
    monkeypatch.setenv("TOIL_AWS_TAGS", json.dumps({"project": "x"}))
    monkeypatch.setenv("TOIL_OWNER_TAG", "me")
    storage = S3Storage(f"{REGION}:{unused}")
    storage.create()
    bucket = f"toil-{unused}"
    tags = {tag["Key"]: tag["Value"] for tag in client().get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags == {"project": "x", "Owner": "me", "toil-job-store": unused}
    assert all(client().get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert client().get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION
    storage.destroy()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (S3Options(s3_encryption="sse-s3"), ("AES256", None)),
        (S3Options(s3_kms_key="the-key"), ("aws:kms", "the-key")),
    ],
    ids=["sse-s3", "sse-kms"],
)
def test_short_and_long_objects_are_encrypted_as_asked(unused, options, told):
    S3Storage(f"{REGION}:{unused}", options).create()
    storage = S3Storage(f"{REGION}:{unused}")
    storage.put("short", b"content")
    storage.put("long", io.BytesIO(pattern(0, LONG)))
    for key in ("short", "long"):
        head = client().head_object(Bucket=f"toil-{unused}", Key=f"objects/{key}")
        assert (head["ServerSideEncryption"], head.get("SSEKMSKeyId")) == told
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, LONG)
    storage.destroy()


def test_long_object_has_the_customer_key_in_each_request(proxy, unused, tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(32)))
    options = S3Options(sse_key=str(tmp_path / "key"))
    storage = S3Storage(f"{REGION}:{unused}", options, Endpoint(proxy.endpoint, REGION), HURRIED)
    storage.create()
    proxy.clear()
    storage.put("long", io.BytesIO(pattern(0, LONG)))
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, LONG)
    assert storage.size("long") == LONG
    header = "x-amz-server-side-encryption-customer-key"
    without = [request.path for request in proxy.requests if header not in request.headers]
    assert len(without) == 1, "only the request that ends the upload"
    assert "uploadId" in without[0]
    storage.destroy()


def test_urls_say_that_the_requester_pays(proxy, unused):
    client().create_bucket(Bucket=unused, CreateBucketConfiguration={"LocationConstraint": REGION})
    access = S3UrlAccess(server=Endpoint(proxy.endpoint, REGION), patience=HURRIED)
    access.write(f"s3://{unused}/folder/a", io.BytesIO(b"content"))
    assert access.list(f"s3://{unused}") == ["folder/"]
    assert access.facts(f"s3://{unused}/folder").is_directory
    access.read(f"s3://{unused}/folder/a").close()
    assert {request.headers.get("x-amz-request-payer") for request in proxy.requests} == {"requester"}


@pytest.mark.parametrize("length", [7, LONG])
def test_what_can_be_executed_is_marked_so(moto, unused, length):
    client().create_bucket(Bucket=unused, CreateBucketConfiguration={"LocationConstraint": REGION})
    access = S3UrlAccess(server=Endpoint(moto, REGION), patience=HURRIED)
    for is_executable in (True, False):
        access.write(f"s3://{unused}/a", io.BytesIO(pattern(0, length)), is_executable=is_executable)
        facts = access.facts(f"s3://{unused}/a")
        assert (facts.size, facts.is_executable) == (length, is_executable)


def test_store_is_used_on_by_parent_and_child_after_a_fork(moto, unused):
    storage = S3Storage(f"{REGION}:{unused}", server=Endpoint(moto, REGION))
    storage.create()
    child = os.fork()
    if child == 0:
        try:
            for number in range(50):
                storage.put(f"child/{number}", str(number).encode())
            os._exit(0)
        finally:
            os._exit(1)
    for number in range(50):
        storage.put(f"parent/{number}", str(number).encode())
    assert os.waitpid(child, 0)[1] == 0
    for key in storage.list(""):
        with storage.get(key) as stream:
            assert stream.read().decode() == key.partition("/")[2]
    assert len(list(storage.list(""))) == 100
    storage.destroy()
