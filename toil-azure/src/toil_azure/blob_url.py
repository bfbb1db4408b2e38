"""URLs of blobs: ``az://``, ``wasb://``, ``wasbs://``, and ``https://`` of the service's own hosts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from toil_azure.accounts import IDENTITY, Accounts
from toil_azure.blob_address import BlobAddress, parse_address
from toil_azure.door.connection import Connection
from toil_azure.door.refusal import ServiceError, is_no_container
from toil_azure.door.service import BlobFacts, Service, Writing
from toil_azure.downloads import read_blob
from toil_azure.explanation import explained, how_to_log_in
from toil_azure.patience import FIRST_PATIENCE, RUN_PATIENCE
from toil_azure.uploads import write_blob
from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience

_EXECUTABLE = "toil_executable"
_SIGNATURE = "the URL's signature"


class AzureUrlAccess(UrlAccess):
    """Reads, lists and writes. A name that ends in no slash may be a folder's: what others begin with.

    Accounts without credentials are asked as strangers are: what is public can be read.
    """

    def __init__(
        self, options: None = None, accounts: Accounts | None = None, patience: Patience | None = None
    ) -> None:
        self._accounts = accounts or Accounts()
        self._patience = patience or RUN_PATIENCE
        self._services: dict[tuple[str, str, str], Service] = {}

    def facts(self, url: str) -> UrlFacts:
        """Its size, or that it is a folder."""
        address = self._address(url)
        service = self._service(address)
        with _doing("look at", address, service):
            if not address.blob:
                next(service.names(address.container, "", 1), None)
                return UrlFacts(None, is_directory=True)
            found = self._found(service, address)
            if found is None:
                return UrlFacts(None, is_directory=True)
            return UrlFacts(found.size, is_executable=_EXECUTABLE in found.metadata)

    def read(self, url: str, start: int = 0) -> BinaryIO:
        """A stream that fetches some pieces ahead; raises ``UrlError`` if the blob is replaced meanwhile."""
        address = self._address(url)
        if not address.blob:
            raise UrlError(f"{address} is a folder")
        service = self._service(address)
        return read_blob(
            service, address.container, address.blob, start, None, lambda: _doing("read", address, service)
        )

    def write(self, url: str, content: BinaryIO, *, is_executable: bool = False) -> None:
        """Write a new blob, or replace one as a whole."""
        address = self._address(url)
        if not address.blob or address.blob.endswith("/"):
            raise UrlError(f"{address} names no blob to write")
        service = self._service(address)
        metadata = {_EXECUTABLE: "true"} if is_executable else {}
        with _doing("write", address, service):
            write_blob(service, address.container, address.blob, content, Writing(metadata=metadata))

    def check_destination(self, url: str) -> None:
        """Whether a blob could be written: the service is asked to put one together of a block that is not there,
        which it refuses those only who may."""
        address = self._address(url)
        patience = min(self._patience, FIRST_PATIENCE, key=lambda one: one.attempts)
        service = self._service(address).with_patience(patience)
        if not service.account.source:
            message = f"Cannot write {address}: there are no credentials for its account"
            raise UrlError(message, how_to_log_in(address.account))
        token = uuid.uuid4().hex
        blob = f"{address.blob.rstrip('/')}/.toil-{token}".lstrip("/")
        with _doing("write", address, service):
            try:
                service.commit(address.container, blob, [token], Writing())
            except ServiceError as error:
                is_refused = is_no_container(error) or error.status in (401, 403)
                if is_refused or (not error.status and error.wait_seconds is None):
                    raise

    def list(self, url: str) -> Sequence[str]:
        """The names in a folder, sorted."""
        address = self._address(url)
        service = self._service(address)
        prefix = f"{address.blob.rstrip('/')}/" if address.blob else ""
        with _doing("list", address, service):
            names = sorted(name.removeprefix(prefix) for name in service.folder(address.container, prefix))
        if prefix and not names:
            raise NoSuchUrl(f"There is nothing at {address}")
        # Some tools make a blob of no name for a folder.
        return [name for name in names if name]

    def located(self, url: str) -> tuple[BlobAddress, Service]:
        """Where a URL points, and the service that is asked there. Raises ``UrlError`` for what names no blobs."""
        address = self._address(url)
        return address, self._service(address)

    def _address(self, url: str) -> BlobAddress:
        return parse_address(url, self._accounts.default)

    def _service(self, address: BlobAddress) -> Service:
        known = (address.account, address.endpoint, address.signature)
        found = self._services.get(known)
        if found is None:
            found = self._services.setdefault(known, Service(self._connection(address), self._patience))
        return found

    def _connection(self, address: BlobAddress) -> Connection:
        account = self._accounts.find(address.account, address.endpoint)
        if address.signature:
            return Connection(replace(account, key="", signature=address.signature, source=_SIGNATURE))
        connection = Connection(account)
        if address.is_web and account.source == IDENTITY and not connection.is_logged_in():
            return Connection(replace(account, source=""))
        return connection

    def _found(self, service: Service, address: BlobAddress) -> BlobFacts | None:
        """What is known of the blob, or ``None`` for a folder."""
        try:
            return service.facts(address.container, address.blob)
        except ServiceError as error:
            if error.status != 404 or not self._is_folder(service, address):
                raise
            return None

    def _is_folder(self, service: Service, address: BlobAddress) -> bool:
        try:
            return service.is_folder(address.container, f"{address.blob.rstrip('/')}/")
        except ServiceError as error:
            # Whoever may read one blob need not be allowed to list.
            if error.status not in (401, 403, 404):
                raise
            return False


@contextmanager
def _doing(operation: str, address: BlobAddress, service: Service) -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        # What strangers may not see is said not to be there.
        is_hidden = error.code == "ResourceNotFound" and not service.account.source
        if error.code == "ContainerNotFound" and operation == "write":
            raise UrlError(
                f"Cannot write {address}: the account {address.account} has no container {address.container}",
                f"Try: az storage container create --account-name {address.account} --name {address.container}",
            ) from error
        if error.status == 404 and not is_hidden:
            raise NoSuchUrl(f"There is nothing at {address}") from error
        if error.status == 412:
            raise UrlError(f"What is at {address} changed while it was read", "Try again") from error
        reason, cure = explained(error, service.account)
        raise UrlError(f"Cannot {operation} {address}: {reason}", cure) from error
