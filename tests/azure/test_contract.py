"""The job store keeps the contract, against Azurite."""

from __future__ import annotations

import functools
from urllib.parse import quote

import pytest

import azurite
from toil_azure.blob_storage import AzureStorage
from toil_azure.door.connection import Connection
from toil_azure.door.service import Service, Writing
from toil_core.system.retry import Patience
from toil_core.testing import RemoteStorageContract
from toil_core.testing.faults import Answer, ServiceErrors

pytestmark = pytest.mark.network

IMPATIENT = Patience(attempts=6, base_seconds=0.005, cap_seconds=0.02)


def said(status, code, headers=()):
    """An answer of the service in its own words."""
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>It is so.</Message></Error>'
    told = {"x-ms-error-code": code, "Content-Type": "application/xml", "x-ms-version": "2026-10-06", **dict(headers)}
    return Answer(status, body.encode(), told)


class TestAzureStorage(RemoteStorageContract):
    errors = ServiceErrors(
        internal=said(500, "InternalError"),
        slow_down=said(503, "ServerBusy"),
        denied=said(403, "AuthorizationPermissionMismatch"),
        expired=said(403, "AuthenticationFailed"),
        skewed=said(403, "AuthenticationFailed"),
    )
    secrets = (azurite.KEY,)
    many_objects = 400
    stream_bytes = 192 * 1024 * 1024

    @pytest.fixture
    def server(self, emulator):
        return emulator.url

    @pytest.fixture
    def locator(self, rest):
        return f"azure:{rest}"

    @pytest.fixture
    def client_at(self, rest, accounts_at):
        return lambda url: functools.partial(AzureStorage, rest, None, accounts_at(url), IMPATIENT)

    @pytest.fixture
    def source_url(self, container, accounts):
        """In a container of the person's own."""
        service = Service(Connection(accounts.find(azurite.ACCOUNT)), IMPATIENT)
        service.create_container(f"{container}-in", {})

        def put(name, content):
            service.put(f"{container}-in", name, content, Writing())
            return f"az://{container}-in@{azurite.ACCOUNT}/{quote(name)}"

        return put

    def leave_creation_unfinished(self, client):
        pytest.skip("the service makes the container and its mark in one step: no creation can be cut short")
