"""The storage kit accepts a store that keeps its promises, and catches those that don't."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest

from toil_core.api.storage import Storage
from toil_core.errors import ObjectExists
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage
from toil_core.testing.storage import Client, StorageContract, read


class TestMemoryStorage(StorageContract):
    races_processes = False

    @pytest.fixture
    def client(self) -> Client:
        return functools.partial(MemoryStorage, MemoryPlace())

    def test_long_stream_passes_in_bounded_memory(self, storage: Storage, client: Client) -> None:
        pytest.skip("a store in memory keeps all of it there")


def created(kind: Callable[[MemoryPlace], Storage]) -> tuple[Storage, Client]:
    client = functools.partial(kind, MemoryPlace())
    storage = client()
    storage.create()
    return storage, client


class Overwriting(MemoryStorage):
    """Looks, then writes: no conditional write. Its eight clients look before any of them writes."""

    all_looked = threading.Barrier(8)

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        if if_absent and key in set(self.list(key)):
            raise ObjectExists(key)
        self.all_looked.wait(60)
        super().put(key, content)


class InPieces(MemoryStorage):
    """Shows an object while it is being written."""

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        if isinstance(content, bytes):
            super().put(key, content, if_absent=if_absent)
            return
        whole = b""
        while part := content.read(100_000):
            whole += part
            super().put(key, whole)


class OnePage(MemoryStorage):
    """Lists the first thousand only."""

    def list(self, prefix: str) -> Iterator[str]:
        for number, key in enumerate(super().list(prefix)):
            if number < 1000:
                yield key


def test_store_that_looks_before_it_writes_fails_the_race() -> None:
    with pytest.raises(AssertionError):
        TestMemoryStorage().test_one_of_eight_threads_wins_each_conditional_put(*created(Overwriting))


def test_store_that_shows_half_an_object_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        TestMemoryStorage().test_stream_that_breaks_leaves_nothing(*created(InPieces))


def test_store_that_lists_one_page_fails() -> None:
    with pytest.raises(AssertionError):
        TestMemoryStorage().test_listing_has_more_than_a_page(*created(OnePage))


def test_store_in_memory_holds_a_key_within_another() -> None:
    storage, _ = created(MemoryStorage)
    storage.put("a", b"one")
    storage.put("a/b", b"two")
    assert [read(storage, key) for key in ("a", "a/b")] == [b"one", b"two"]
