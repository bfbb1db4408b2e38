"""A local file is read once for its checksum, for as long as it stays as it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from toil_core.files import local_checksums
from toil_core.files.local_checksums import KEPT_BYTES, LocalChecksums
from toil_core.model.file import FileRef
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

OTHER = "sha1$" + "0" * 40


@pytest.fixture
def storage():
    found = MemoryStorage(MemoryPlace())
    found.create()
    return found


def sha1(path):
    return f"sha1${hashlib.sha1(Path(path).read_bytes()).hexdigest()}"


@pytest.fixture
def old(monkeypatch):
    """A file that nobody has changed for a while, and that is large enough to be remembered."""
    monkeypatch.setattr(local_checksums, "KEPT_BYTES", 1)
    return os.__file__


def test_a_large_file_that_stays_as_it_is_is_read_once_by_all_runs(storage, old):
    assert LocalChecksums(storage).of(old) == (sha1(old), os.path.getsize(old))
    (kept,) = storage.list("checksums/")
    storage.put(kept, OTHER.encode())
    assert LocalChecksums(storage).of(old)[0] == OTHER
    storage.put(kept, b"damaged")
    assert LocalChecksums(storage).of(old)[0] == sha1(old)


def test_a_process_asks_the_store_once(storage, old):
    checksums = LocalChecksums(storage)
    checksums.of(old)
    storage.destroy()
    assert checksums.of(old)[0] == sha1(old)


def test_a_store_that_cannot_be_reached_only_costs_time(storage, old):
    storage.destroy()
    assert LocalChecksums(storage).of(old)[0] == sha1(old)


def test_a_file_that_was_changed_just_now_is_read_again(storage, tmp_path):
    path = tmp_path / "reads.fq"
    checksums = LocalChecksums(storage)
    for content in (b"a" * KEPT_BYTES, b"b" * KEPT_BYTES):
        path.write_bytes(content)
        assert checksums.of(str(path)) == (sha1(path), KEPT_BYTES)
    assert list(storage.list("checksums/")) == []


def test_what_is_no_file_has_no_checksum(storage, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "gone"):
        with pytest.raises(OSError, match=path.name):
            LocalChecksums(storage).of(str(path))


def test_stored_file_whose_checksum_is_not_known_is_read_once_by_all_runs(storage, tmp_path):
    path = tmp_path / "content"
    path.write_bytes(b"content")
    ref = FileRef("files/leader/1", 7)
    expected = (sha1(path), 7)
    assert LocalChecksums(storage).of_stored(ref, lambda _: path) == expected
    path.unlink()
    assert LocalChecksums(storage).of_stored(ref, lambda _: path) == expected
    with pytest.raises(FileNotFoundError):
        LocalChecksums(storage).of_stored(FileRef("files/leader/2", 7), lambda _: path)


def test_stored_file_whose_checksum_is_known_is_not_read(storage, tmp_path):
    ref = FileRef("files/1.1/1", 7, OTHER)
    assert LocalChecksums(storage).of_stored(ref, lambda _: tmp_path / "not-there") == (OTHER, 7)
    assert list(storage.list("checksums/")) == []
