"""The file storage keeps the storage contract on a file system as unreliable as NFS can be."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from core.local.machines import machine
from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchStore, ObjectExists
from toil_core.local.file_storage import FileStorage
from toil_core.testing.network_file_system import NetworkFileSystem
from toil_core.testing.storage import StorageContract


class TestFileStorageOnANetworkFileSystem(StorageContract):
    appends = True
    many_objects = 300
    stream_bytes = 24 * 1024 * 1024

    @pytest.fixture(params=[1, 2])
    def client(self, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], Storage]:
        return functools.partial(machine, str(tmp_path / "store"), request.param)

    def leave_creation_unfinished(self, client: Callable[[], Storage]) -> None:
        assert isinstance(client, functools.partial)
        (Path(client.args[0]) / "+tmp").mkdir(parents=True)


@pytest.mark.parametrize("seed", range(20))
def test_repeated_link_request_does_not_make_the_winner_lose(tmp_path: Path, seed: int) -> None:
    filesystem = NetworkFileSystem(seed, often=2)
    storage = FileStorage(str(tmp_path / "store"), None, filesystem)
    storage.create()
    for number in range(10):
        storage.put(f"a/{number}", b"first", if_absent=True)
        with pytest.raises(ObjectExists):
            storage.put(f"a/{number}", b"second", if_absent=True)
    assert filesystem.mishaps > 10


def test_reader_on_another_machine_finds_what_was_not_there_before(tmp_path: Path) -> None:
    never = 10**9
    writer = FileStorage(str(tmp_path / "store"), None, NetworkFileSystem(1, never))
    writer.create()
    reader = FileStorage(str(tmp_path / "store"), None, NetworkFileSystem(2, never))
    for _ in range(2):
        with pytest.raises(NoSuchObject):
            reader.size("results/job/attempt")
        with pytest.raises(NoSuchObject):
            reader.get("results/job/attempt")
        assert list(reader.list("results/job/")) == []
    writer.put("results/job/attempt", b"content")
    writer.put("results/other", b"")
    assert list(reader.list("results/job/")) == ["results/job/attempt"]
    assert reader.size("results/job/attempt") == len(b"content")
    with reader.get("results/job/attempt") as stream:
        assert stream.read() == b"content"


def test_reader_on_another_machine_sees_what_has_come_and_gone_since_it_listed(tmp_path: Path) -> None:
    never = 10**9
    writer = FileStorage(str(tmp_path / "store"), None, NetworkFileSystem(1, never))
    writer.create()
    reader = FileStorage(str(tmp_path / "store"), None, NetworkFileSystem(2, never))
    for keys in (["d/a"], ["d/a", "d/b"], ["d/b", "d/e/c"], []):
        writer.delete(["d/a", "d/b", "d/e/c"])
        for key in keys:
            writer.put(key, b"")
        assert sorted(reader.list("")) == keys
    writer.destroy()
    with pytest.raises(NoSuchStore):
        reader.open()
    writer.create()
    reader.open()


def test_double_shows_an_old_listing_until_the_directory_is_looked_at_anew(tmp_path: Path) -> None:
    mine, theirs = NetworkFileSystem(1, 10**9), NetworkFileSystem(2, 10**9)
    assert list(mine.entries(str(tmp_path))) == []
    theirs.close(theirs.create(str(tmp_path / "a"), 0o600))
    assert list(mine.entries(str(tmp_path))) == []
    mine.look_anew(str(tmp_path))
    assert [entry.name for entry in mine.entries(str(tmp_path))] == ["a"]
