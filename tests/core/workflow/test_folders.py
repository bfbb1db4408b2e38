"""A folder is imported file by file, whatever its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.errors import UrlError
from toil_core.run import Run


def test_folder_is_imported_with_what_is_below(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    (folder / "be low").mkdir(parents=True)
    names = {"50%.txt", "a?b#c.txt", "be low/d.txt"}
    for name in names:
        (folder / name).write_text(name)
    with Run(job_store=str(tmp_path / "store")) as run:
        for url in (folder, f"{folder}/", folder.as_uri()):
            found = run.import_folder(url)
            assert set(found) == names
            for name, ref in found.items():
                with run.files.open(ref) as stream:
                    assert stream.read().decode() == name


def test_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with Run(job_store=str(tmp_path / "store")) as run, pytest.raises(UrlError, match=r"a\.txt is a file, and not"):
        run.import_folder(tmp_path / "a.txt")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with Run(job_store=str(tmp_path / "store")) as run, pytest.raises(UrlError, match="is a folder"):
        run.import_file(tmp_path)
