"""What is told of stores that cannot be used, and what is left alone."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import time

import pytest

import azurite
from toil_azure.accounts import Accounts
from toil_azure.blob_storage import AzureStorage
from toil_azure.door.connection import Connection
from toil_azure.door.refusal import ServiceError
from toil_azure.door.service import Service, Writing
from toil_azure.explanation import explained
from toil_azure.patience import RUN_PATIENCE
from toil_core.errors import NoSuchObject, NoSuchStore, StorageError, StoreExists, StoreFull
from toil_core.system.retry import Patience
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import Answer
from toil_core.testing.streams import BreakingStream, StreamBroke

pytestmark = pytest.mark.network

IMPATIENT = Patience(attempts=4, base_seconds=0.005, cap_seconds=0.02)
WRONG_KEY = base64.b64encode(b"not the key of the account").decode()


@pytest.fixture
def make(rest, accounts_at):
    """Makes clients of a place."""

    def client(url, place=rest, **environment):
        return AzureStorage(place, None, accounts_at(url, **environment), IMPATIENT)

    return client


@pytest.fixture
def service(accounts):
    return Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)


def refused(act, kind=StorageError):
    """The message of an error, which is one line with a cure, and stays one."""
    with pytest.raises(kind) as caught:
        act()
    told = str(caught.value)
    assert caught.value.cure
    assert "\n" not in told
    assert str(pickle.loads(pickle.dumps(caught.value))) == told
    return told


def test_a_wrong_key_is_told_at_once_and_not_shown(emulator, make, rest):
    storage = make(emulator.url, AZURE_ACCOUNT_KEY=WRONG_KEY)
    began = time.monotonic()
    for operation, act in {
        "be made": storage.create,
        "be opened": storage.open,
        "be removed": storage.destroy,
        'put "a"': lambda: storage.put("a", b""),
        'read "a"': lambda: storage.get("a"),
        'look at "a"': lambda: storage.size("a"),
        'list ""': lambda: list(storage.list("")),
        'delete "a"': lambda: storage.delete(["a"]),
    }.items():
        told = refused(act)
        assert f"The job store azure:{rest} could not {operation}: the service says 403" in told
        assert "the credentials from AZURE_ACCOUNT_KEY are refused. Check AZURE_ACCOUNT_KEY, and the clock" in told
        assert WRONG_KEY not in told
    assert time.monotonic() - began < 5


def test_a_wrong_key_of_the_file_names_the_file(emulator, tmp_path, rest):
    (tmp_path / ".toilAzureCredentials").write_text(f"[AzureStorageCredentials]\n{azurite.ACCOUNT}={WRONG_KEY}\n")
    accounts = Accounts({"AZURE_STORAGE_SERVICE_ENDPOINT": emulator.endpoint}, tmp_path)
    told = refused(AzureStorage(rest, None, accounts, IMPATIENT).open)
    assert f"Check the key of {azurite.ACCOUNT} in ~/.toilAzureCredentials" in told


def test_no_credentials_are_told_before_anything_is_asked(tmp_path, rest):
    accounts = Accounts({"AZURE_STORAGE_SERVICE_ENDPOINT": "http://127.0.0.1:1/{account}"}, tmp_path)
    told = refused(lambda: AzureStorage(rest, None, accounts))
    assert f"azure:{rest} cannot be used: there are no credentials" in told
    assert "Set AZURE_ACCOUNT_KEY, or write" in told


def test_an_account_that_is_not_there_is_told_at_once(tmp_path, rest):
    accounts = Accounts(
        {"AZURE_ACCOUNT_KEY": WRONG_KEY, "AZURE_STORAGE_SERVICE_ENDPOINT": "https://x.invalid"}, tmp_path
    )
    told = refused(AzureStorage(rest, None, accounts, RUN_PATIENCE).open)
    assert "its host is not found" in told


def test_an_account_that_the_server_does_not_have_is_told(emulator, accounts_at, container):
    told = refused(AzureStorage(f"nosuchaccount:{container}", None, accounts_at(emulator.url), IMPATIENT).open)
    assert 'Is there an account "nosuchaccount"?' in told


@pytest.mark.parametrize(("status", "code"), [(400, "InvalidUri"), (409, "AccountBeingCreated"), (412, "Odd")])
def test_a_word_of_the_service_that_is_not_known_is_told_with_where_to_look(tmp_path, status, code):
    account = Accounts({"AZURE_ACCOUNT_KEY": WRONG_KEY}, tmp_path).find("first")
    reason, cure = explained(ServiceError(status, code, f"the service says {status} {code}", None), account)
    assert code in reason
    assert "https://learn.microsoft.com/" in cure


def test_a_container_of_somebody_else_is_neither_used_nor_removed(emulator, make, service, container, rest):
    service.create_container(container, {"owner": "somebody"})
    service.put(container, "theirs", b"content", Writing())
    storage = make(emulator.url)
    for act, kind in ((storage.create, StorageError), (storage.open, NoSuchStore), (storage.destroy, StorageError)):
        assert f"The container of azure:{rest} is not a job store" in refused(act, kind)
    assert list(service.names(container, "")) == ["theirs"]
    assert service.container_metadata(container) == {"owner": "somebody"}


def test_a_store_in_use_is_refused_until_it_is_removed(emulator, make, rest):
    make(emulator.url).create()
    told = refused(make(emulator.url).create, StoreExists)
    assert f"Go on with its run with --restart, or remove it with: toil clean azure:{rest}" in told
    make(emulator.url).destroy()
    make(emulator.url).create()
    make(emulator.url).destroy()


def test_what_a_store_needs_that_is_not_there(emulator, make, rest):
    storage = make(emulator.url)
    for act in (storage.open, lambda: storage.get("a"), lambda: storage.size("a"), lambda: list(storage.list(""))):
        assert f"There is no job store at azure:{rest}" in refused(act, NoSuchStore)
    refused(lambda: storage.put("a", b""), NoSuchStore)
    storage.create()
    with pytest.raises(NoSuchObject, match=f'azure:{rest} holds no "a"'):
        storage.get("a")
    storage.destroy()


BEING_DELETED = Answer(409, headers={"x-ms-error-code": "ContainerBeingDeleted"})


def test_a_name_whose_removal_goes_on_is_waited_for(emulator, make, caplog):
    with FaultProxy(emulator.url) as proxy, caplog.at_level(logging.WARNING, "toil.azure"):
        proxy.inject(BEING_DELETED, times=2, when=lambda request: request.method == "PUT")
        storage = make(proxy.endpoint)
        storage.create()
        assert "waiting for the service to free its name" in caplog.text
        storage.open()
        storage.destroy()


def test_a_name_whose_removal_never_ends_is_told(emulator, make, rest):
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(BEING_DELETED, times=None)
        storage = make(proxy.endpoint)
        assert f"azure:{rest} could not be made: the service still removes" in refused(storage.create)
        refused(storage.open, NoSuchStore)
        storage.destroy()


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AuthorizationPermissionMismatch", "permission is missing. Ask the owner of toiltest for the role"),
        (403, "KeyBasedAuthenticationNotPermitted", "its account takes no keys, and AZURE_ACCOUNT_KEY has one"),
        (403, "AccountIsDisabled", "must enable it"),
        (409, "BlobImmutableDueToPolicy", "ask for the policy to end"),
        (400, "InvalidHeaderValue", "start Azurite with --skipApiVersionCheck"),
        (412, "LeaseIdMissing", "holds a lease on it"),
    ],
)
def test_a_refusal_to_remove_names_its_reason(emulator, make, rest, status, code, words):
    make(emulator.url).create()
    with FaultProxy(emulator.url) as proxy:
        answer = Answer(status, headers={"x-ms-error-code": code})
        proxy.inject(answer, times=None, when=lambda request: request.method == "DELETE")
        told = refused(make(proxy.endpoint).destroy)
    assert f"The job store azure:{rest} could not be removed" in told
    assert words in told
    make(emulator.url).destroy()


def test_an_account_with_folders_of_its_own_is_refused(emulator, make, rest):
    with FaultProxy(emulator.url) as proxy:
        answer = Answer(200, headers={"x-ms-is-hns-enabled": "true"})
        proxy.inject(answer, when=lambda request: "restype=account" in request.path)
        told = refused(make(proxy.endpoint).create)
    assert f"azure:{rest} could not be made: the account toiltest has a hierarchical namespace" in told
    make(emulator.url).create()
    make(emulator.url).destroy()


@pytest.mark.parametrize("status", [403, 501])
def test_an_account_that_tells_nothing_of_itself_is_taken(emulator, make, status):
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(Answer(status), times=None, when=lambda request: "restype=account" in request.path)
        make(proxy.endpoint).create()
    make(emulator.url).destroy()


def test_objects_are_removed_one_by_one_where_they_cannot_be_together(emulator, make):
    make(emulator.url).create()
    make(emulator.url).put("a", b"")
    make(emulator.url).put("b", b"")
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(Answer(501), times=None, when=lambda request: "comp=batch" in request.path)
        make(proxy.endpoint).delete(["a", "b", "c"])
        assert proxy.strikes() == 1
    assert list(make(emulator.url).list("")) == []
    make(emulator.url).destroy()


def test_a_full_account_is_told_as_that(emulator, make):
    make(emulator.url).create()
    with FaultProxy(emulator.url) as proxy:
        proxy.inject(Answer(507, headers={"x-ms-error-code": "InsufficientStorage"}), times=None)
        refused(lambda: make(proxy.endpoint).put("a", b"content"), StoreFull)
    make(emulator.url).destroy()


def test_removal_takes_blocks_along_that_were_never_committed(emulator, make, service, container):
    storage = make(emulator.url)
    storage.create()
    with pytest.raises(StreamBroke):
        storage.put("long", BreakingStream(18 << 20))
    assert list(storage.list("")) == []
    storage.put("long", io.BytesIO(bytes(18 << 20)), if_absent=True)
    assert storage.size("long") == 18 << 20
    storage.destroy()
    with pytest.raises(NoSuchStore):
        storage.open()


def test_two_long_puts_of_one_key_leave_one_of_them_whole(emulator, make):
    storage = make(emulator.url)
    storage.create()

    class Meanwhile(io.BytesIO):
        """A stream in the middle of which another client puts the same key."""

        def read(self, size=-1):
            if self.tell() == 16 << 20:
                make(emulator.url).put("long", io.BytesIO(b"2" * (18 << 20)), if_absent=True)
            return super().read(size)

    with pytest.raises(StorageError, match="long"):
        storage.put("long", Meanwhile(b"1" * (20 << 20)), if_absent=True)
    with storage.get("long") as stream:
        assert stream.read() == b"2" * (18 << 20)
    storage.destroy()


def test_a_public_url_is_good_for_one_object(emulator, make, rest):
    storage = make(emulator.url)
    assert storage.public_url("a").startswith(f"{emulator.url}/{rest.replace(':', '/')}/a?")
    assert azurite.KEY not in storage.public_url("a")
