"""The job store keeps the storage contract, on Google's testbench, also when network and service fail."""

from __future__ import annotations

import base64
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from gcs_servers import HURRIED
from toil_core.api.storage import Storage
from toil_core.testing.copied_urls import SourceUrl
from toil_core.testing.faults import Answer, ServiceErrors
from toil_core.testing.remote_storage import RemoteStorageContract
from toil_core.testing.storage import Client
from toil_gce import probe
from toil_gce.bucket_store import LABEL
from toil_gce.door.buckets import Buckets
from toil_gce.door.objects import Objects
from toil_gce.door.service import Service
from toil_gce.options import GoogleOptions
from toil_gce.storage import GoogleStorage

KEY = base64.b64encode(os.urandom(32)).decode()


def said(status: int, reason: str, words: str) -> Answer:
    """An answer of the service in its own words: https://cloud.google.com/storage/docs/json_api/v1/status-codes"""
    error = {"code": status, "message": words, "errors": [{"message": words, "domain": "global", "reason": reason}]}
    return Answer(status, json.dumps({"error": error}).encode(), {"Content-Type": "application/json; charset=UTF-8"})


pytestmark = pytest.mark.network


class TestGoogleStorage(RemoteStorageContract):
    """With a customer key, so that it is seen to be sent where it must, and shown nowhere."""

    errors = ServiceErrors(
        internal=said(500, "backendError", "We encountered an internal error. Please try again."),
        slow_down=said(429, "rateLimitExceeded", "The object exceeded the rate limit for object mutation operations."),
        denied=said(
            403,
            "forbidden",
            "a@b.iam.gserviceaccount.com does not have storage.objects.get access to the Google Cloud Storage object."
            " Permission 'storage.objects.get' denied on resource (or it may not exist).",
        ),
        expired=said(401, "authError", "Invalid Credentials"),
    )
    secrets = (KEY,)
    awkward_lengths = (2**22 - 1, 2**22, 2**22 + 1)
    many_objects = 400  # the testbench has no pages; those are in test_listing

    @pytest.fixture(autouse=True)
    def one_race(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that each test's store is made by few requests."""
        monkeypatch.setattr(probe, "_ROUNDS", 1)

    @pytest.fixture
    def server(self, gcs: str) -> str:
        return gcs

    @pytest.fixture
    def locator(self, unused: str) -> str:
        return f"google:{unused}"

    @pytest.fixture
    def client_at(self, unused: str, tmp_path: Path) -> Callable[[str], Client]:
        path = tmp_path / "key"
        path.write_text(KEY)
        options = GoogleOptions(google_key_file=str(path))
        return lambda url: functools.partial(GoogleStorage, unused, options, url, HURRIED)

    @pytest.fixture
    def client(self, client_at: Callable[[str], Client], server: str) -> Client:
        return client_at(server)

    @pytest.fixture
    def source_url(self, server: str, unused: str) -> SourceUrl:
        """In a bucket of its own, without the key."""
        project, _, name = unused.partition(":")
        service = Service(project, endpoint=server)
        Buckets(service, project, HURRIED).make(f"in-{name}", "", {})
        objects = Objects(service, f"in-{name}", HURRIED)

        def put(name_there: str, content: bytes) -> str:
            objects.put(name_there, content, False, {})
            return f"gs://in-{name}/{quote(name_there)}"

        return put

    def test_stream_longer_than_memory_passes(
        self, storage: Storage, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not as long as elsewhere: with each chunk the testbench copies, in memory, all that came before."""
        wanted = int(os.environ.get("TOIL_CONTRACT_HUGE_BYTES", "0"))
        monkeypatch.setenv("TOIL_CONTRACT_HUGE_BYTES", str(min(wanted, 400_000_000)))
        super().test_stream_longer_than_memory_passes(storage, client)

    def leave_creation_unfinished(self, client: Callable[[], Storage]) -> None:
        assert isinstance(client, functools.partial)
        project, _, bucket = client.args[0].rpartition(":")
        Buckets(Service(project), project, HURRIED).make(bucket, "", {LABEL: "0" * 32})
