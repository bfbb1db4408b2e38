"""The job stores' side, the same for all: the narrow contract of storage."""

from __future__ import annotations

from pathlib import Path

from benchmarks.stores.contestant import BLOCK

from toil_core.api.storage import Storage


class Ours:
    """A job store."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def prepare(self) -> None:
        """Make the store."""
        self._storage.create()

    def up(self, path: Path) -> None:
        """As a job writes a file."""
        with path.open("rb") as content:
            self._storage.put("long", content)

    def down(self, path: Path) -> None:
        """As a job reads one."""
        with self._storage.get("long") as stream, path.open("wb") as out:
            while block := stream.read(BLOCK):
                out.write(block)

    def put(self, key: str, content: bytes) -> None:
        """A small object."""
        self._storage.put(key, content)

    def get(self, key: str) -> bytes:
        """A small object."""
        with self._storage.get(key) as stream:
            return stream.read()
