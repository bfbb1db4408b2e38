"""Long blobs carry the checksums of their pieces, and are compared with them."""

from __future__ import annotations

import io
from threading import Event

import pytest

from toil_azure.blob_storage import AzureStorage
from toil_azure.door.service import Writing
from toil_azure.pieces import PIECE_BYTES, sums_known, sums_told
from toil_core.errors import StoreDamaged
from toil_core.system.retry import Patience
from toil_core.testing.streams import PatternStream, is_same, pattern

HURRIED = Patience(attempts=6, base_seconds=0.001, cap_seconds=0.002)


@pytest.mark.parametrize("total", [1, PIECE_BYTES, PIECE_BYTES + 1, 1000 * PIECE_BYTES])
def test_sums_are_read_as_they_were_told(total):
    sums = [number * 4_000_037 % 2**32 for number in range(-(-total // PIECE_BYTES))]
    assert list(sums_known(sums_told(sums), total)) == sums


def test_what_is_told_fits_into_the_metadata_of_a_blob():
    assert sum(len(name) + len(told) for name, told in sums_told(range(1024)).items()) < 6000
    assert sums_told(range(1025)) == {}


@pytest.mark.parametrize("told", ["", "8388608", "8388608:AAA", "4194304:AAAAAA==", "8388608:AAAAAAAAAAA="])
def test_sums_that_are_not_of_this_blob_are_not_used(told):
    assert not sums_known({"toil_crc32": told}, PIECE_BYTES)


@pytest.fixture
def storage(accounts, rest):
    storage = AzureStorage(rest, None, accounts, HURRIED)
    storage.create()
    yield storage
    storage.destroy()


@pytest.mark.network
@pytest.mark.parametrize("length", [PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 3 * PIECE_BYTES - 1])
def test_a_long_blob_bears_its_sums_and_is_read_by_them(storage, container, length):
    storage.put("long", PatternStream(length))
    metadata = storage._service.facts(container, "long").metadata
    assert len(sums_known(metadata, length)) == -(-length // PIECE_BYTES)
    with storage.get("long") as found:
        assert is_same(found, PatternStream(length))
    with storage.get("long", 5_000_000) as found:
        assert found.read() == pattern(5_000_000, length - 5_000_000)


@pytest.mark.network
def test_a_blob_that_is_no_longer_what_was_written_is_told(storage, container):
    length = 2 * PIECE_BYTES
    storage.put("long", PatternStream(length))
    service = storage._service
    metadata = service.facts(container, "long").metadata
    changed = bytearray(pattern(0, length))
    changed[-5] ^= 1
    names = [f"other-{number}" for number in range(2)]
    for number, name in enumerate(names):
        block = bytes(changed[number * PIECE_BYTES : (number + 1) * PIECE_BYTES])
        service.stage(container, "long", name, block, Event())
    service.commit(container, "long", names, Writing(metadata=metadata))
    with storage.get("long") as found, pytest.raises(StoreDamaged):
        io.BytesIO().writelines(found)
