"""The job store at ``azure:ACCOUNT:NAME``: the container NAME of a storage account, one blob an object.

The container carries a mark in its metadata from the moment it exists; one without is somebody
else's, and is never written to or removed.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from toil_azure.accounts import Accounts
from toil_azure.blob_address import is_address
from toil_azure.blob_names import blob_name, blob_prefix, key_of_blob
from toil_azure.blob_url import AzureUrlAccess
from toil_azure.copying import NothingThere, copy_blob
from toil_azure.door.connection import Connection
from toil_azure.door.refusal import DAMAGED, ServiceError, is_no_container
from toil_azure.door.service import BlobTaken, Service, Writing
from toil_azure.downloads import read_blob
from toil_azure.explanation import explained, how_to_log_in
from toil_azure.locator import parse_locator
from toil_azure.patience import FIRST_PATIENCE, REMOVAL_PATIENCE, RUN_PATIENCE
from toil_azure.uploads import write_blob
from toil_core.api.storage import Storage
from toil_core.errors import (
    NoSuchObject,
    NoSuchStore,
    NoSuchUrl,
    ObjectExists,
    StorageError,
    StoreDamaged,
    StoreExists,
    StoreFull,
)
from toil_core.model.object_key import check_key
from toil_core.system.retry import Patience, retry

_MARK = "toil_job_store"
_URL_IS_VALID = datetime.timedelta(days=1)

_log = logging.getLogger("toil.azure")


class AzureStorage(Storage):
    """Used on after a fork, by parent and child. What was put is verified by the service against a checksum,
    what is got here against the service's. ``patience`` takes the place of all others, for tests."""

    def __init__(
        self, rest: str, options: None = None, accounts: Accounts | None = None, patience: Patience | None = None
    ) -> None:
        locator = parse_locator(rest)
        self._name = str(locator)
        self._container = locator.container
        accounts = accounts or Accounts()
        account = accounts.find(locator.account)
        if not account.source:
            raise StorageError(
                f"The job store {self._name} cannot be used: there are no credentials for its account",
                how_to_log_in(locator.account),
            )
        self._service = Service(Connection(account), patience or RUN_PATIENCE)
        self._first = self._service.with_patience(patience or FIRST_PATIENCE)
        self._urls = AzureUrlAccess(None, accounts, patience)
        self._removal_patience = patience or REMOVAL_PATIENCE

    def create(self) -> None:
        """Make the container with its mark, in one step; waits while the service still removes one of its name."""
        mark = uuid.uuid4().hex
        with self._doing("be made"):
            if self._first.is_hierarchical():
                account = self._service.account.name
                raise StorageError(
                    f"The job store {self._name} could not be made: the account {account} has a hierarchical namespace",
                    "Use an account without one",
                )
            try:
                retry(
                    lambda: self._first.create_container(self._container, {_MARK: mark}),
                    self._is_being_removed,
                    self._removal_patience,
                )
            except ServiceError as error:
                if error.code != "ContainerAlreadyExists":
                    raise
                # A request whose answer was lost, and was asked again, finds its own container.
                if (found := self._mark()) == mark:
                    return
                if not found:
                    raise self._foreign("nothing was changed") from error
                raise StoreExists(
                    f"There is a job store at {self._name} already",
                    f"Go on with its run with --restart, or remove it with: toil clean {self._name}",
                ) from error

    def open(self) -> None:
        """Check that the container is there, and ours."""
        with self._doing("be opened"):
            if not self._mark():
                foreign = self._foreign("it was left alone")
                raise NoSuchStore(foreign.message, foreign.cure)

    def destroy(self) -> None:
        """Remove the container, with blocks that were never committed too; refuses one that is not ours."""
        with self._doing("be removed"):
            try:
                if not self._mark():
                    raise self._foreign("nothing was removed")
                self._first.delete_container(self._container)
            except NoSuchStore:
                return
            except ServiceError as error:
                if not is_no_container(error):
                    raise

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object durably; see the contract. Errors of the stream itself pass through."""
        blob = blob_name(check_key(key))
        with self._doing(f'put "{key}"'):
            try:
                write_blob(self._service, self._container, blob, content, Writing(if_absent), keeps_sums=True)
            except BlobTaken as error:
                raise ObjectExists(f'The job store {self._name} holds "{key}" already') from error

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of an object's bytes; raises ``StorageError`` if it is replaced while it is read."""
        blob = blob_name(check_key(key))
        return read_blob(self._service, self._container, blob, start, length, lambda: self._reading(key))

    def copy_url(self, key: str, url: str) -> int | None:
        """Have the service copy a blob of any account that our credentials, or the URL's signature, open."""
        blob = blob_name(check_key(key))
        if not is_address(url):
            return None
        address, source = self._urls.located(url)
        if not address.blob or address.blob.endswith("/"):
            return None
        with self._doing(f'copy {address} to "{key}"'):
            try:
                return copy_blob(self._service, self._container, blob, source, (address.container, address.blob))
            except NothingThere as error:
                raise NoSuchUrl(f"There is nothing at {address}") from error

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, many with each request."""
        blobs = [blob_name(check_key(key)) for key in keys]
        some = f'delete "{key_of_blob(blobs[0])}"' if blobs else ""
        with self._doing(f"{some} and {len(blobs) - 1} more" if len(blobs) > 1 else some):
            self._service.delete(self._container, blobs)

    def list(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``. Raises ``NoSuchStore`` when it is iterated."""
        with self._doing(f'list "{prefix}"'):
            for name in self._service.names(self._container, blob_prefix(prefix)):
                key = key_of_blob(name)
                if key.startswith(prefix):
                    yield key

    def size(self, key: str) -> int:
        """An object's length in bytes."""
        blob = blob_name(check_key(key))
        with self._doing(f'look at "{key}"'), self._finding(key):
            return self._service.facts(self._container, blob).size

    def public_url(self, key: str) -> str | None:
        """A URL with a signature that is good for reading this object, for a day; ``None`` without an
        account key to sign it."""
        return self._service.signed_url(self._container, blob_name(check_key(key)), _URL_IS_VALID)

    def _mark(self) -> str:
        return self._first.container_metadata(self._container).get(_MARK, "")

    def _is_being_removed(self, error: Exception) -> float | None:
        if not isinstance(error, ServiceError) or error.code != "ContainerBeingDeleted":
            return None
        _log.warning("%s was removed a moment ago; waiting for the service to free its name", self._name)
        return 0.0

    def _foreign(self, so: str) -> StorageError:
        return StorageError(
            f"The container of {self._name} is not a job store: {so}",
            "Choose another NAME, or if you want it gone, remove it yourself",
        )

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        with self._doing(f'read "{key}"'), self._finding(key):
            yield

    @contextmanager
    def _finding(self, key: str) -> Iterator[None]:
        try:
            yield
        except ServiceError as error:
            if error.status == 404 and not is_no_container(error):
                raise NoSuchObject(f'The job store {self._name} holds no "{key}"') from error
            if error.status == 412:
                raise StorageError(
                    f'The job store {self._name} could not read "{key}": it was replaced meanwhile', "Try again"
                ) from error
            raise

    @contextmanager
    def _doing(self, operation: str) -> Iterator[None]:
        """Name the store and the operation in whatever the service says meanwhile."""
        try:
            yield
        except ServiceError as error:
            raise self._told(operation, error) from error

    def _told(self, operation: str, error: ServiceError) -> StorageError:
        if is_no_container(error):
            if error.code == "ContainerBeingDeleted" and operation == "be made":
                return StorageError(
                    f"The job store {self._name} could not be made: the service still removes the one before it",
                    "Wait some minutes, or choose another NAME",
                )
            return NoSuchStore(
                f"There is no job store at {self._name}", "Check account and name; a run without --restart makes it"
            )
        reason, cure = explained(error, self._service.account)
        message = f"The job store {self._name} could not {operation}: {reason}"
        if error.status == 507:
            return StoreFull(message, "Make space there, then go on with --restart")
        return StoreDamaged(message, cure) if error.code == DAMAGED else StorageError(message, cure)
