"""``toil-gce`` beside google-cloud-storage."""

from __future__ import annotations

from pathlib import Path

from benchmarks.stores.contestant import Entry, Service
from benchmarks.stores.storage import Ours
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client, transfer_manager
from requests.adapters import HTTPAdapter

from toil_gce.storage import GoogleStorage

PROJECT = "bench"


class Library:
    """Whole files by one request or upload, in one thread."""

    def __init__(self, place: str) -> None:
        client = Client(PROJECT, AnonymousCredentials())  # type: ignore[no-untyped-call]  # the library's
        client._http.mount("http://", HTTPAdapter(pool_maxsize=32))
        self._client = client
        self._bucket = client.bucket(f"bare-{place}")

    def prepare(self) -> None:
        """Make a bucket."""
        self._client.create_bucket(self._bucket.name)

    def up(self, path: Path) -> None:
        """By one resumable upload."""
        self._bucket.blob("long").upload_from_filename(str(path))

    def down(self, path: Path) -> None:
        """By one request."""
        self._bucket.blob("long").download_to_filename(str(path))

    def put(self, key: str, content: bytes) -> None:
        """One request."""
        self._bucket.blob(key).upload_from_string(content)

    def get(self, key: str) -> bytes:
        """One request."""
        content: bytes = self._bucket.blob(key).download_as_bytes()
        return content


class TransferManager(Library):
    """Ranges of a file in parallel."""

    def __init__(self, place: str, kind: str) -> None:
        super().__init__(place)
        self._kind = kind

    def down(self, path: Path) -> None:
        """In ranges of 32 MiB, eight at a time."""
        transfer_manager.download_chunks_concurrently(self._bucket.blob("long"), str(path), worker_type=self._kind)


SERVICE = Service(
    {
        "ours": Entry(
            lambda place: Ours(GoogleStorage(f"{PROJECT}:{place}")),
            "up: CRC32C of each part by the service, and of the whole after they are put together;"
            " down: CRC32C of the whole object",
        ),
        "library": Entry(Library, "up: CRC32C, by the service or after the upload; down: CRC32C of the whole object"),
        "library, threads": Entry(
            lambda place: TransferManager(place, transfer_manager.THREAD),
            "down: CRC32C of each range",
            ("down",),
            is_beside=True,
        ),
        "library, processes": Entry(
            lambda place: TransferManager(place, transfer_manager.PROCESS),
            "down: CRC32C of each range",
            ("down",),
            is_beside=True,
        ),
    },
    lambda place, _: f"google:{PROJECT}:{place}",
    "STORAGE_EMULATOR_HOST",
)
