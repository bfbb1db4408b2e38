"""Imports that the service copies by itself: from other accounts, by signatures, and long ones as blocks."""

from __future__ import annotations

import base64
import datetime
import urllib.error
import urllib.request
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

import azurite
from toil_azure import copying
from toil_azure.accounts import Accounts
from toil_azure.blob_storage import AzureStorage
from toil_azure.door.connection import Connection
from toil_azure.door.service import Service, Writing
from toil_core.errors import NoSuchObject, NoSuchUrl
from toil_core.run import Run
from toil_core.system.retry import Patience
from toil_core.testing import Answer, FaultProxy
from toil_core.testing.streams import pattern

pytestmark = pytest.mark.network

IMPATIENT = Patience(attempts=4, base_seconds=0.005, cap_seconds=0.02)
BLOCK = 100_000
LONG = pattern(0, 3 * BLOCK + 12_345)


@pytest.fixture
def proxy(emulator):
    with FaultProxy(emulator.url) as proxy:
        yield proxy


@pytest.fixture
def both(proxy, tmp_path):
    """A person with keys of two accounts."""
    (tmp_path / ".toilAzureCredentials").write_text(
        f"[AzureStorageCredentials]\n{azurite.ACCOUNT}={azurite.KEY}\n{azurite.OTHER_ACCOUNT}={azurite.OTHER_KEY}\n"
    )
    return Accounts({"AZURE_STORAGE_SERVICE_ENDPOINT": f"{proxy.endpoint}/{{account}}"}, tmp_path)


@pytest.fixture
def storage(rest, both):
    storage = AzureStorage(rest, None, both, IMPATIENT)
    storage.create()
    yield storage
    storage.destroy()


@pytest.fixture
def other(emulator, tmp_path, container):
    """The other account's service, with a container of the store's name."""
    told = {"AZURE_STORAGE_SERVICE_ENDPOINT": emulator.endpoint, "AZURE_ACCOUNT_KEY": azurite.OTHER_KEY}
    service = Service(Connection(Accounts(told, tmp_path).find(azurite.OTHER_ACCOUNT)), IMPATIENT)
    service.create_container(container, {})
    service.put(container, "folder/long", LONG, Writing(metadata={"toil_writer": "somebody"}))
    return service


@pytest.fixture
def url(other, container):
    return f"az://{container}@{azurite.OTHER_ACCOUNT}/folder/long"


def signed_name(service, container):
    """A URL whose signature opens what is not there."""
    return service.signed_url(container, "folder/long-not-there", datetime.timedelta(days=1))


def content(storage, key):
    with storage.get(key) as stream:
        return stream.read()


def is_not_there(storage, key):
    with pytest.raises(NoSuchObject):
        storage.size(key)
    return True


def test_blob_of_another_account_is_copied_by_the_key_of_that(storage, url, proxy):
    proxy.clear()
    assert storage.copy_url("d/copied", url) == len(LONG)
    assert len([request for request in proxy.requests if "x-ms-copy-source" in request.headers]) == 1
    assert content(storage, "d/copied") == LONG


def test_blob_is_copied_by_the_signature_in_its_url(storage, rest, other, container, accounts_at, emulator):
    lone = AzureStorage(rest, None, accounts_at(emulator.url), IMPATIENT)
    signed = other.signed_url(container, "folder/long", datetime.timedelta(days=1))
    url = f"https://{azurite.OTHER_ACCOUNT}.blob.core.windows.net/{container}/folder/long"
    assert lone.copy_url("d/refused", url) is None, "the key is that of the first account"
    assert is_not_there(storage, "d/refused")
    assert lone.copy_url("d/copied", f"{url}?{urlsplit(signed).query}") == len(LONG)
    assert content(storage, "d/copied") == LONG
    with pytest.raises(NoSuchUrl) as caught:
        lone.copy_url("d/copied", f"{url}-not-there?{urlsplit(signed_name(other, container)).query}")
    assert "sig=" not in str(caught.value)


def test_metadata_of_the_source_stays_there(storage, url, rest):
    storage.copy_url("d/copied", url)
    assert "toil_writer" not in storage._service.facts(rest.partition(":")[2], "d/copied").metadata


def test_folder_is_not_copied(storage, url):
    for folder in (url.removesuffix("long"), url.removesuffix("folder/long")):
        assert storage.copy_url("d/copied", folder) is None


@pytest.fixture
def short_copies(monkeypatch):
    """One request copies little."""
    monkeypatch.setattr(copying, "ONE_COPY_BYTES", BLOCK)
    monkeypatch.setattr(copying, "BLOCK_BYTES", BLOCK)


class BlockCopies:
    """What the service does, and Azurite does not: Put Block From URL
    (https://learn.microsoft.com/rest/api/storageservices/put-block-from-url)."""

    def __init__(self, emulator, service):
        self._emulator = emulator
        self._service = service
        self.ranges = []

    def is_done(self, request):
        """Carries a request out, if it is one of these and its condition holds."""
        parts = urlsplit(request.path)
        asked = parse_qs(parts.query)
        if asked.get("comp") != ["block"] or "x-ms-copy-source" not in request.headers:
            return False
        source = urlsplit(request.headers["x-ms-copy-source"])._replace(netloc=urlsplit(self._emulator.url).netloc)
        told = {"x-ms-range": request.headers["x-ms-source-range"], "If-Match": request.headers["x-ms-source-if-match"]}
        try:
            with urllib.request.urlopen(urllib.request.Request(source.geturl(), headers=told)) as answer:
                found = answer.read()
        except urllib.error.HTTPError:
            return False
        _, _, container, blob = unquote(parts.path).split("/", 3)
        name = base64.b64decode(asked["blockid"][0]).decode()
        self._service.ask(lambda client: client.stage_block(name, found, length=len(found)), container, blob)
        self.ranges.append(request.headers["x-ms-source-range"])
        return True


def test_long_blob_is_copied_as_blocks_of_the_version_that_was_found(
    storage, url, proxy, emulator, accounts, short_copies
):
    copies = BlockCopies(emulator, Service(Connection(accounts.find(azurite.ACCOUNT)), IMPATIENT))
    proxy.clear()
    proxy.inject(Answer(201), times=None, when=copies.is_done)
    assert storage.copy_url("d/copied", url) == len(LONG)
    assert proxy.passed_bytes < 100_000
    assert len(copies.ranges) == 4
    proxy.clear()
    assert content(storage, "d/copied") == LONG


@pytest.mark.parametrize("after", [1, 3])
def test_long_blob_that_is_replaced_meanwhile_is_not_copied(
    storage, url, proxy, emulator, accounts, other, container, short_copies, after
):
    copies = BlockCopies(emulator, Service(Connection(accounts.find(azurite.ACCOUNT)), IMPATIENT))
    changed = Answer(412, headers={"x-ms-error-code": "CannotVerifyCopySource"})

    def is_done(request):
        if len(copies.ranges) == after:
            other.put(container, "folder/long", b"x" * len(LONG), Writing())
        return copies.is_done(request)

    proxy.inject(Answer(201), times=None, when=is_done)
    proxy.inject(changed, times=None, when=lambda request: "x-ms-copy-source" in request.headers)
    assert storage.copy_url("d/copied", url) is None
    assert len(copies.ranges) < 4
    proxy.clear()
    assert is_not_there(storage, "d/copied")


def test_long_blob_is_left_to_be_read_where_the_service_does_not_copy_blocks(storage, url, short_copies):
    assert storage.copy_url("d/copied", url) is None
    assert is_not_there(storage, "d/copied")


def test_run_imports_by_a_copy_and_hands_out_the_content(accounts, container, proxy, rest, tmp_path, monkeypatch):
    """Of one account: of another one Azurite reads the source by its URL, which leads through the proxy."""
    service = Service(Connection(accounts.find(azurite.ACCOUNT)), IMPATIENT)
    service.create_container(f"{container}-in", {})
    service.put(f"{container}-in", "reads.fq", LONG, Writing())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_STORAGE_SERVICE_ENDPOINT", f"{proxy.endpoint}/{{account}}")
    monkeypatch.setenv("AZURE_ACCOUNT_KEY", azurite.KEY)
    with Run(job_store=f"azure:{rest}") as run:
        proxy.clear()
        ref = run.import_file(f"az://{container}-in@{azurite.ACCOUNT}/reads.fq")
        assert proxy.passed_bytes < 100_000
        assert (ref.size, ref.name, ref.checksum) == (len(LONG), "reads.fq", "")
        run.export_file(ref, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == LONG
