"""The job store and the URL access keep their contracts on moto's server."""

from __future__ import annotations

import functools
import os
from urllib.parse import quote

import pytest

from aws.rgw_server import SECRET_KEY
from toil_aws import conditional_writes
from toil_aws.bucket import Bucket
from toil_aws.endpoint import Endpoint
from toil_aws.in_flight import in_flight
from toil_aws.part_sizes import PART_BYTES
from toil_aws.s3_client import S3Client
from toil_aws.s3_storage import S3Storage
from toil_aws.s3_url import S3UrlAccess
from toil_aws.store_bucket import CLAIM
from toil_core.system.retry import Patience
from toil_core.testing import Answer, RemoteStorageContract, ServiceErrors, UrlAccessContract

REGION = "us-west-2"
HURRIED = Patience(base_seconds=0.001, cap_seconds=0.005)


def refusal(status, code, message="what S3 says"):
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return Answer(status, b'<?xml version="1.0"?>' + body, {"Content-Type": "application/xml"})


class TestS3Storage(RemoteStorageContract):
    errors = ServiceErrors(
        internal=refusal(500, "InternalError"),
        slow_down=refusal(503, "SlowDown", "Please reduce your request rate."),
        denied=refusal(403, "AccessDenied"),
        expired=refusal(400, "ExpiredToken", "The provided token has expired."),
        skewed=refusal(403, "RequestTimeTooSkewed"),
    )
    secrets = (SECRET_KEY,)
    many_objects = 1_010

    @pytest.fixture(autouse=True)
    def little_room(self, monkeypatch):
        """So that a short stream tells whether memory is bounded; and each test's store is made by few requests."""
        monkeypatch.setattr(in_flight, "_limit", 2 * PART_BYTES)
        monkeypatch.setattr(conditional_writes, "_RACES", 1)

    @pytest.fixture
    def server(self, moto):
        return moto

    @pytest.fixture
    def locator(self, unused):
        return f"aws:{REGION}:{unused}"

    @pytest.fixture
    def client_at(self, unused):
        return lambda url: functools.partial(
            S3Storage, f"{REGION}:{unused}", None, server=Endpoint(url, REGION), patience=HURRIED
        )

    @pytest.fixture
    def source_url(self, server, unused):
        """In a bucket of another name and another region."""
        client = S3Client(Endpoint(server, "us-east-1"), HURRIED)
        client.call("create_bucket", Bucket=f"in-{unused}")
        bucket = Bucket(client, f"in-{unused}")

        def put(name, content):
            bucket.put(name, content)
            return f"s3://in-{unused}/{quote(name)}"

        return put

    def test_stream_longer_than_memory_passes(self, storage, client, monkeypatch):
        """moto reads an object whole for each range of it, so that time grows with its square; on Ceph it is longer."""
        wanted = int(os.environ.get("TOIL_CONTRACT_HUGE_BYTES", "0"))
        monkeypatch.setenv("TOIL_CONTRACT_HUGE_BYTES", str(min(wanted, 400_000_000)))
        super().test_stream_longer_than_memory_passes(storage, client)

    def leave_creation_unfinished(self, client):
        storage = client()
        storage.create()
        bucket = Bucket(S3Client(storage._client.endpoint), storage._place.bucket)
        bucket.delete([key for key in bucket.keys("") if key != CLAIM])


@pytest.mark.slow
class TestS3StorageOnCeph(TestS3Storage):
    test_stream_longer_than_memory_passes = RemoteStorageContract.test_stream_longer_than_memory_passes

    @pytest.fixture
    def server(self, rgw):
        return rgw.url


class TestS3Urls(UrlAccessContract):
    @pytest.fixture
    def url_of_server(self, moto):
        return moto

    @pytest.fixture
    def access(self, url_of_server):
        return S3UrlAccess(server=Endpoint(url_of_server, REGION), patience=HURRIED)

    @pytest.fixture
    def nowhere(self, unused):
        return f"s3://no-{unused}/made"

    @pytest.fixture
    def publish(self, url_of_server, unused):
        client = S3Client(Endpoint(url_of_server, "us-east-1"), HURRIED)
        client.call("create_bucket", Bucket=unused)
        bucket = Bucket(client, unused)

        def put(key, content):
            bucket.put(key, content)
            return f"s3://{unused}/{key}"

        return put


@pytest.mark.slow
class TestS3UrlsOnCeph(TestS3Urls):
    @pytest.fixture
    def url_of_server(self, rgw):
        return rgw.url
