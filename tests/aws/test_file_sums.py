"""The checksums of a long file's parts travel with it to servers that make none."""

from __future__ import annotations

import gzip
import io
import os
import zlib

import pytest

from toil_aws import file_sums as module
from toil_aws.bucket import SUM
from toil_aws.file_sums import file_sums
from toil_aws.part_sizes import PART_BYTES
from toil_aws.s3_storage import S3Storage
from toil_core.errors import StorageError
from toil_core.testing.streams import is_same, pattern

LONG = 2 * PART_BYTES + 12_345


@pytest.fixture
def long_file(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(pattern(0, LONG))
    return path


def test_each_part_of_what_is_left_of_a_file_has_its_sum(long_file):
    with long_file.open("rb") as file:
        file.read(45)
        left = pattern(45, LONG - 45)
        parts = [left[begin : begin + PART_BYTES] for begin in range(0, len(left), PART_BYTES)]
        assert file_sums(file).parts == [zlib.crc32(part).to_bytes(4, "big") for part in parts]
        assert file.tell() == 45


def test_what_is_no_long_file_of_this_machine_has_none(long_file, tmp_path, monkeypatch):
    assert not file_sums(pattern(0, LONG))
    assert not file_sums(io.BytesIO(pattern(0, LONG)))
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe, open(writing, "wb"):
        assert not file_sums(pipe)
    short = tmp_path / "short"
    short.write_bytes(bytes(PART_BYTES))
    with short.open("rb") as file:
        assert not file_sums(file)
    monkeypatch.setattr(module, "LONGEST", LONG - 1)
    with long_file.open("rb") as file:
        assert not file_sums(file)


class Changing(io.FileIO):
    """A file that somebody writes to while it is read."""

    def read(self, size=-1):
        os.utime(self.name, ns=(1, 1))
        return super().read(size)


@pytest.fixture
def storage(rgw, unused):
    storage = S3Storage(f"us-east-1:{unused}")
    storage.create()
    yield storage
    storage.destroy()


@pytest.mark.network
def test_a_long_file_is_compared_with_the_sum_that_came_with_it(storage, long_file):
    with long_file.open("rb") as file:
        storage.put("long", file)
    _, metadata = storage._bucket().facts("objects/long")
    assert SUM in metadata
    with storage.get("long") as found, long_file.open("rb") as expected:
        assert is_same(found, expected)


@pytest.mark.network
def test_a_file_that_changes_while_it_is_sent_is_an_error(storage, long_file):
    with Changing(long_file) as file, pytest.raises(StorageError, match="the file changed while it was sent"):
        storage.put("long", file)
    assert not list(storage.list(""))


def test_stream_that_unpacks_a_file_has_none(long_file, tmp_path):
    with gzip.open(tmp_path / "packed", "wb", compresslevel=0) as packed:
        packed.write(long_file.read_bytes())
    with gzip.open(tmp_path / "packed") as stream:
        assert not file_sums(stream)
