"""Which streams are a file's own bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
import tempfile

from toil_core.system.file_streams import descriptor_of


def test_open_file_tells_its_descriptor_however_it_was_opened(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    for mode, buffering in (("rb", -1), ("r+b", -1), ("rb", 0)):
        with path.open(mode, buffering) as stream:
            assert descriptor_of(stream) == stream.fileno()


def test_what_was_written_to_the_stream_is_in_the_file(tmp_path):
    with tempfile.TemporaryFile() as stream:
        stream.write(b"content")
        assert os.pread(descriptor_of(stream), 10, 0) == b"content"


def test_stream_that_unpacks_a_file_tells_none_though_it_has_a_descriptor(tmp_path):
    for module in (gzip, bz2):
        path = tmp_path / module.__name__
        with module.open(path, "wb") as packed:
            packed.write(b"content")
        with module.open(path, "rb") as stream:
            assert stream.fileno()
            assert descriptor_of(stream) is None
            assert descriptor_of(io.BufferedReader(stream)) is None


def test_member_of_an_archive_tells_none(tmp_path):
    with tarfile.open(tmp_path / "archive", "w") as archive:
        archive.addfile(tarfile.TarInfo("member"))
    with tarfile.open(tmp_path / "archive") as archive:
        assert descriptor_of(archive.extractfile("member")) is None


def test_what_is_no_regular_file_tells_none():
    assert descriptor_of(io.BytesIO(b"content")) is None
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe, open(writing, "wb"):
        assert descriptor_of(pipe) is None
