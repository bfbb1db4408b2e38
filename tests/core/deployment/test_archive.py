"""Code is packed and unpacked unchanged, and what is not whole is an error."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from toil_core.deployment.archive import identity, pack, unpack
from toil_core.deployment.own_files import SentFile
from toil_core.errors import StorageError


@pytest.fixture
def files(tmp_path):
    (tmp_path / "tool").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    (tmp_path / "module.py").write_bytes(os.urandom(300_000))
    return [SentFile(str(tmp_path / "tool"), "0/bin/tool"), SentFile(str(tmp_path / "module.py"), "0/é.py")]


def test_contents_names_and_modes_come_back(files, tmp_path):
    with pack(files).stream as archive:
        (tmp_path / "out").mkdir()
        unpack(archive, tmp_path / "out")
    for file in files:
        path = tmp_path / "out" / file.name
        assert path.read_bytes() == (tmp_path / file.path).read_bytes()
        assert os.access(path, os.X_OK) == (file.name == "0/bin/tool")


def test_equal_code_has_one_identity_wherever_it_lies(files, tmp_path):
    (tmp_path / "copy").write_bytes((tmp_path / "module.py").read_bytes())
    copies = [SentFile(str(tmp_path / "copy"), "0/é.py"), files[0]]
    assert identity(copies) == identity(files)
    assert identity(copies[:1]) != identity([SentFile(str(tmp_path / "copy"), "0/e.py")])
    (tmp_path / "tool").chmod(0o644)
    before, after = identity(files), (tmp_path / "tool").write_bytes(b"#!/bin/bash\n") and identity(files)
    assert len({before, after, identity(copies[:1])}) == 3


@pytest.mark.parametrize("kept", [0, 10, 1000, 200_000])
def test_an_archive_that_was_cut_short_is_damaged(files, tmp_path, kept):
    with pack(files).stream as archive:
        content = archive.read()
    with pytest.raises(StorageError, match="The code of the run is damaged in the job store"):
        unpack(io.BytesIO(content[:kept]), tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside"])
def test_nothing_is_written_outside_of_the_folder(tmp_path, name):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    whole.seek(0)
    (tmp_path / "in").mkdir()
    with pytest.raises(StorageError):
        unpack(whole, tmp_path / "in")
    assert not (tmp_path / "outside").exists()


def test_an_archive_is_named_by_what_is_in_it_whatever_was_edited_meanwhile(files):
    before = identity(files)
    with pack(files).stream:
        Path(files[1].path).write_text("edited")
    packed = pack(files)
    packed.stream.close()
    assert packed.identity == identity(files) != before
