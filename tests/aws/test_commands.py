"""The commands of ``toil`` with a run on S3."""

from __future__ import annotations

import os

import pytest

from store_commands import StoreCommands

pytestmark = [pytest.mark.network, pytest.mark.slow]


class TestCommandsOnS3(StoreCommands):
    @pytest.fixture
    def locator(self, at_server, unused):
        return f"aws:us-west-2:{unused}"

    @pytest.fixture
    def server(self, at_server):
        return os.environ["AWS_ENDPOINT_URL_S3"]

    def through(self, endpoint):
        port = endpoint.rpartition(":")[2]
        ours = {"TOIL_S3_HOST": "127.0.0.1", "TOIL_S3_PORT": port, "TOIL_S3_USE_SSL": "false"}
        return {"AWS_ENDPOINT_URL_S3": endpoint, **(ours if "TOIL_S3_HOST" in os.environ else {})}
