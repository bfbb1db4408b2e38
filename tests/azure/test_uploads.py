"""How a stream is cut into blocks."""

from __future__ import annotations

import io
import itertools
import threading

import pytest

from toil_azure import uploads
from toil_azure.door.service import Writing
from toil_core.testing.streams import pattern


class Shelf:
    """In the service's place: what was staged and committed, and how many bytes were on their way at once."""

    def __init__(self):
        self.blocks = {}
        self.blob = None
        self.most_bytes = self._bytes = 0
        self._lock = threading.Lock()

    def put(self, container, blob, content, writing):
        self.blob = content

    def stage(self, container, blob, block, content, given_up):
        with self._lock:
            self._bytes += len(content)
            self.most_bytes = max(self.most_bytes, self._bytes)
            self.blocks[block] = content
        with self._lock:
            self._bytes -= len(content)

    def commit(self, container, blob, blocks, writing):
        self.blob = b"".join(self.blocks[block] for block in blocks)


class Dripping(io.BytesIO):
    """Hands over at most three bytes at a time."""

    def read(self, size=-1):
        return super().read(min(size, 3) if size >= 0 else 3)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(uploads, "_BLOCK_BYTES", 10)
    monkeypatch.setattr(uploads, "_LARGEST_BLOCK_BYTES", 40)
    monkeypatch.setattr(uploads, "_BLOCKS_OF_A_SIZE", 3)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 29, 30, 31, 1000])
@pytest.mark.parametrize("kind", [bytes, io.BytesIO, Dripping])
def test_blocks_make_the_content_whatever_its_length(length, kind):
    shelf = Shelf()
    uploads.write_blob(shelf, "container", "blob", kind(pattern(0, length)), Writing())
    assert shelf.blob == pattern(0, length)
    assert shelf.most_bytes <= 80
    assert len({len(block) for block in shelf.blocks}) <= 1, "the service asks for names of one length"


@pytest.mark.usefixtures("small")
def test_blocks_grow_as_they_get_many():
    shelf = Shelf()
    uploads.write_blob(shelf, "container", "blob", io.BytesIO(bytes(300)), Writing())
    sizes = [len(shelf.blocks[name]) for name in sorted(shelf.blocks)]
    assert sizes == [10, 10, 10, 20, 20, 20, 40, 40, 40, 40, 40, 10]


def test_the_most_blocks_that_a_blob_has_hold_a_tebibyte():
    sizes = [uploads._block_bytes(number) for number in range(50_000)]
    assert sum(sizes) > 1 << 40
    assert all(before <= after for before, after in itertools.pairwise(sizes))
