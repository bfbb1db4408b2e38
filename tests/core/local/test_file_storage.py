"""The file storage keeps the storage contract, on a real file system."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_core.api.storage import Storage
from toil_core.local.file_storage import FileStorage
from toil_core.testing.storage import StorageContract


class TestFileStorage(StorageContract):
    appends = True

    @pytest.fixture
    def client(self, tmp_path: Path) -> Callable[[], Storage]:
        return functools.partial(FileStorage, str(tmp_path / "new" / "store"))

    def leave_creation_unfinished(self, client: Callable[[], Storage]) -> None:
        assert isinstance(client, functools.partial)
        root = Path(client.args[0])
        (root / "+tmp").mkdir(parents=True)
        (root / "+tmp" / "half").write_bytes(b"")
