"""What is kept by name, and not by an id."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from toil_core.errors import NoSuchObject, NoSuchStore, StorageError
from toil_core.run import Run, kept_files


def read(files, name):
    with files.open_shared(name) as stream:
        return stream.read()


def test_what_was_put_last_under_a_name_is_read_during_the_run_and_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    store = str(tmp_path / "store")
    with Run(job_store=store, clean="never", work_dir=tmp_path) as run:
        run.files.put_shared("settings", io.BytesIO(b"old"))
        run.files.put_shared("settings", io.BytesIO(b"new"))
        assert read(run.files, "settings") == b"new"
        with pytest.raises(NoSuchObject):
            run.files.open_shared("nothing")
        with pytest.raises(StorageError, match="a name with blanks"):
            run.files.put_shared("a name with blanks", io.BytesIO())
        assert read(kept_files(store, tmp_path / "cache"), "settings") == b"new"
    with pytest.raises(NoSuchStore):
        kept_files(str(tmp_path / "nowhere"), Path(tmp_path))
