"""``toil-azure`` beside azure-storage-blob."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient
from benchmarks.stores.contestant import Entry, Service
from benchmarks.stores.storage import Ours

from toil_azure.accounts import DEFAULT_ACCOUNT, ENDPOINT, Accounts
from toil_azure.blob_storage import AzureStorage

AT_ONCE = 8


def _account() -> str:
    return os.environ[DEFAULT_ACCOUNT]


class Library:
    """Blocks and ranges of a blob in threads."""

    def __init__(self, place: str, **options: Any) -> None:  # the library's own
        account = Accounts().find(_account())
        credential = {"account_name": account.name, "account_key": account.key}
        service = BlobServiceClient(account.endpoint, credential=credential)
        self._container = service.get_container_client(f"bare-{place}")
        self._options = options

    def prepare(self) -> None:
        """Make a container."""
        self._container.create_container()

    def up(self, path: Path) -> None:
        """In blocks of 4 MiB."""
        with path.open("rb") as content:
            self._container.upload_blob("long", content, overwrite=True, max_concurrency=AT_ONCE, **self._options)

    def down(self, path: Path) -> None:
        """The first 32 MiB by one request, then ranges of 4 MiB."""
        with path.open("wb") as out:
            self._container.download_blob("long", max_concurrency=AT_ONCE, **self._options).readinto(out)

    def put(self, key: str, content: bytes) -> None:
        """One request."""
        self._container.upload_blob(key, content, overwrite=True, **self._options)

    def get(self, key: str) -> bytes:
        """One request."""
        content: bytes = self._container.download_blob(key, **self._options).readall()
        return content


SERVICE = Service(
    {
        "ours": Entry(
            lambda place: Ours(AzureStorage(f"{_account()}:{place}")),
            "up: MD5 of each block, by the service; down: CRC-32 of each block, kept with the object",
        ),
        "library": Entry(Library, "nothing"),
        "library, validate_content": Entry(
            lambda place: Library(place, validate_content=True), "up as ours", ("up",), is_beside=True
        ),
    },
    lambda place, environment: f"azure:{environment[DEFAULT_ACCOUNT]}:{place}",
    ENDPOINT,
)
