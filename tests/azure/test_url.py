"""Blobs as inputs and outputs, in Azurite."""

from __future__ import annotations

import base64
import datetime
import gzip
import io
from urllib.parse import quote

import pytest
from azure.storage.blob import ContentSettings

import azurite
from toil_azure.accounts import Accounts
from toil_azure.blob_url import AzureUrlAccess
from toil_azure.door.connection import Connection
from toil_azure.door.service import Service, Writing
from toil_azure.patience import RUN_PATIENCE
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience
from toil_core.testing import UrlAccessContract
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import Answer, Reset

pytestmark = pytest.mark.network

IMPATIENT = Patience(attempts=4, base_seconds=0.005, cap_seconds=0.02)


@pytest.fixture
def service(accounts):
    return Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)


@pytest.fixture
def box(service, container):
    """A container of a person's own."""
    service.create_container(container, {})
    return container


@pytest.fixture
def access(accounts):
    return AzureUrlAccess(None, accounts, IMPATIENT)


@pytest.fixture
def stranger(emulator, tmp_path):
    """The access of one who has no credentials."""
    return AzureUrlAccess(None, Accounts({"AZURE_STORAGE_SERVICE_ENDPOINT": emulator.endpoint}, tmp_path), IMPATIENT)


class TestAzureUrlAccess(UrlAccessContract):
    stream_bytes = 64 * 1024 * 1024

    @pytest.fixture(params=["az", "wasbs", "https"])
    def place(self, request, box):
        host = f"{azurite.ACCOUNT}.blob.core.windows.net"
        return {
            "az": f"az://{box}@{azurite.ACCOUNT}",
            "wasbs": f"wasbs://{box}@{host}",
            "https": f"https://{host}/{box}",
        }[request.param]

    @pytest.fixture
    def access(self, accounts):
        return AzureUrlAccess(None, accounts)

    @pytest.fixture
    def nowhere(self, box, place):
        return f"{place.replace(box, f'no-{box}')}/made"

    @pytest.fixture
    def publish(self, service, box, place):
        def put(name, content):
            service.put(box, name, content, Writing())
            return f"{place}/{quote(name)}"

        return put


def test_what_was_executable_is_so_again(access, box):
    url = f"az://{box}@{azurite.ACCOUNT}/tool"
    access.write(url, io.BytesIO(b"#!/bin/sh\n"), is_executable=True)
    assert access.facts(url).is_executable
    access.write(url, io.BytesIO(b"text"))
    assert not access.facts(url).is_executable


def test_what_is_said_to_be_encoded_is_read_as_it_is_kept(access, box, service):
    content = gzip.compress(b"text" * 1000)
    blob = service._connection.client().get_blob_client(box, "text.gz")
    blob.upload_blob(content, content_settings=ContentSettings(content_encoding="gzip"))
    with access.read(f"az://{box}@{azurite.ACCOUNT}/text.gz") as stream:
        assert stream.read() == content


def test_a_container_is_a_folder_and_one_that_is_not_there_is_nothing(access, box):
    assert access.facts(f"az://{box}@{azurite.ACCOUNT}").is_directory
    assert access.list(f"az://{box}@{azurite.ACCOUNT}/") == []
    for url in (f"az://{box}-not@{azurite.ACCOUNT}", f"az://{box}-not@{azurite.ACCOUNT}/a"):
        with pytest.raises(NoSuchUrl):
            access.facts(url)
    with pytest.raises(UrlError, match=f"the account toiltest has no container {box}-not"):
        access.write(f"az://{box}-not@{azurite.ACCOUNT}/a", io.BytesIO(b""))
    with pytest.raises(UrlError, match="is a folder"):
        access.read(f"az://{box}@{azurite.ACCOUNT}")
    with pytest.raises(UrlError, match="names no blob"):
        access.write(f"az://{box}@{azurite.ACCOUNT}/folder/", io.BytesIO(b""))


def test_a_signature_in_a_url_is_all_that_is_needed_and_is_in_no_error(service, box, stranger):
    service.put(box, "shared.txt", b"shared", Writing())
    signature = service.signed_url(box, "shared.txt", datetime.timedelta(days=1)).partition("?")[2]
    url = f"https://{azurite.ACCOUNT}.blob.core.windows.net/{box}/shared.txt"
    with stranger.read(f"{url}?{signature}") as stream:
        assert stream.read() == b"shared"
    with pytest.raises(UrlError) as caught:
        stranger.read(f"{url}?{signature}AAAA")
    assert signature not in str(caught.value)
    assert "the URL's signature" in str(caught.value)


def test_a_signature_for_reading_one_blob_finds_that_another_is_not_there(service, box, stranger):
    signature = service.signed_url(box, "not-there", datetime.timedelta(days=1)).partition("?")[2]
    with pytest.raises(NoSuchUrl):
        stranger.facts(f"https://{azurite.ACCOUNT}.blob.core.windows.net/{box}/not-there?{signature}")


def test_a_stranger_reads_what_is_public_and_is_told_how_to_log_in_for_the_rest(service, box, stranger):
    service._connection.client().create_container(f"{box}-public", public_access="blob")
    for container in (box, f"{box}-public"):
        service.put(container, "a.txt", b"content", Writing())
    host = f"https://{azurite.ACCOUNT}.blob.core.windows.net"
    with stranger.read(f"{host}/{box}-public/a.txt") as stream:
        assert stream.read() == b"content"
    with pytest.raises(UrlError, match=r"no credentials for its account\. Set AZURE_ACCOUNT_KEY"):
        stranger.read(f"{host}/{box}/a.txt")


def test_a_blob_that_is_replaced_while_it_is_read_is_an_error(access, box):
    url = f"az://{box}@{azurite.ACCOUNT}/long"
    access.write(url, io.BytesIO(bytes(40 << 20)))
    with access.read(url) as stream:
        assert stream.read(1) == b"\0"
        access.write(url, io.BytesIO(b"\1" * (40 << 20)))
        with pytest.raises(UrlError, match="changed while it was read"):
            stream.read()


def test_reading_and_writing_get_over_faults(box, emulator, accounts_at):
    with FaultProxy(emulator.url) as proxy:
        access = AzureUrlAccess(None, accounts_at(proxy.endpoint), IMPATIENT)
        url = f"az://{box}@{azurite.ACCOUNT}/a"
        for fault in (Reset(), Reset(is_late=True), Answer(503, headers={"x-ms-error-code": "ServerBusy"})):
            proxy.inject(fault)
            access.write(url, io.BytesIO(b"content"))
            proxy.inject(fault)
            with access.read(url) as stream:
                assert stream.read() == b"content"
        assert proxy.strikes() == 6
        proxy.inject(Reset(), times=None)
        with pytest.raises(UrlError, match=f"Cannot write az://{box}@{azurite.ACCOUNT}/a"):
            access.write(url, io.BytesIO(b"content"))


def test_who_may_not_look_may_write(box, emulator, accounts_at):
    with FaultProxy(emulator.url) as proxy:
        access = AzureUrlAccess(None, accounts_at(proxy.endpoint), IMPATIENT)
        denied = Answer(403, headers={"x-ms-error-code": "AuthorizationPermissionMismatch"})
        proxy.inject(denied, None, lambda request: request.method in ("GET", "HEAD", "DELETE"))
        access.check_destination(f"az://{box}@{azurite.ACCOUNT}/made")
        access.write(f"az://{box}@{azurite.ACCOUNT}/made/a", io.BytesIO(b"content"))


@pytest.mark.parametrize(("status", "code"), [(400, "Unheard"), (409, "BlobImmutableDueToPolicy"), (503, "ServerBusy")])
def test_what_is_not_known_of_a_destination_passes(box, emulator, accounts_at, status, code):
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(Answer(status, headers={"x-ms-error-code": code}), None)
        AzureUrlAccess(None, accounts_at(proxy.endpoint), IMPATIENT).check_destination(f"az://{box}@{azurite.ACCOUNT}")
        assert proxy.strikes() > 0


def test_who_may_not_write_is_told_the_role(box, emulator, accounts_at):
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(Answer(403, headers={"x-ms-error-code": "AuthorizationPermissionMismatch"}), None)
        access = AzureUrlAccess(None, accounts_at(proxy.endpoint), IMPATIENT)
        with pytest.raises(UrlError, match=r"permission is missing\. Ask the owner of .* for the role"):
            access.check_destination(f"az://{box}@{azurite.ACCOUNT}")


def test_a_container_that_is_not_there_is_told_with_how_to_make_it(access, container):
    with pytest.raises(UrlError, match=f"has no container {container}. Try: az storage container create"):
        access.check_destination(f"az://{container}@{azurite.ACCOUNT}/made")


def test_a_wrong_key_is_told_and_not_shown(box, emulator, accounts_at):
    key = base64.b64encode(b"not the key of the account").decode()
    access = AzureUrlAccess(None, accounts_at(emulator.url, AZURE_ACCOUNT_KEY=key), IMPATIENT)
    with pytest.raises(UrlError, match="are refused") as told:
        access.check_destination(f"az://{box}@{azurite.ACCOUNT}/made")
    assert key not in str(told.value)


def test_strangers_write_nowhere(stranger, box):
    with pytest.raises(UrlError, match="there are no credentials for its account"):
        stranger.check_destination(f"az://{box}@{azurite.ACCOUNT}/made")


def test_a_service_that_does_not_answer_is_waited_for_later(accounts_at):
    AzureUrlAccess(None, accounts_at("http://127.0.0.1:1"), IMPATIENT).check_destination(
        f"az://box@{azurite.ACCOUNT}/made"
    )
