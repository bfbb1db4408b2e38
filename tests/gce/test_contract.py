"""The job store keeps the storage contract, on Google's testbench."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from toil_core.api.storage import Storage
from toil_core.testing.storage import StorageContract
from toil_gce.bucket_store import LABEL
from toil_gce.door.buckets import make_bucket
from toil_gce.door.service import Service


class TestGoogleStorage(StorageContract):
    many_objects = 1_100  # the testbench has no pages; those are in test_listing

    @pytest.fixture
    def client(self, client: Callable[[], Storage]) -> Callable[[], Storage]:
        return client

    def leave_creation_unfinished(self, client: Callable[[], Storage]) -> None:
        assert isinstance(client, functools.partial)
        project, _, bucket = client.args[0].rpartition(":")
        make_bucket(Service(project), bucket, project, "", {LABEL: "0" * 32})
