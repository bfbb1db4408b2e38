"""The real file system keeps what the storage builds on."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.system.filesystem import Entry, FileSystem


def test_name_that_is_taken_is_not_made_again(tmp_path: Path) -> None:
    filesystem = FileSystem()
    filesystem.close(filesystem.create(str(tmp_path / "a"), 0o600))
    with pytest.raises(FileExistsError):
        filesystem.create(str(tmp_path / "a"), 0o600)


def test_appending_tells_where_the_bytes_begin(tmp_path: Path) -> None:
    filesystem = FileSystem()
    for expected in (0, 6):
        descriptor = filesystem.open_append(str(tmp_path / "a"), 0o600)
        assert filesystem.append(descriptor, b"one") == expected
        assert filesystem.append(descriptor, b"two") == expected + 3
        filesystem.fsync(descriptor)
        filesystem.close(descriptor)
    filesystem.sync(str(tmp_path / "a"))
    filesystem.sync(str(tmp_path))


def test_symbolic_link_is_neither_file_nor_directory_and_is_not_followed(tmp_path: Path) -> None:
    filesystem = FileSystem()
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_bytes(b"")
    (tmp_path / "to-d").symlink_to(tmp_path / "d")
    (tmp_path / "to-f").symlink_to(tmp_path / "f")
    assert sorted(filesystem.entries(str(tmp_path)), key=lambda entry: entry.name) == [
        Entry("d", is_file=False, is_directory=True),
        Entry("f", is_file=True, is_directory=False),
        Entry("to-d", is_file=False, is_directory=False),
        Entry("to-f", is_file=False, is_directory=False),
    ]
    for name in ("to-d", "to-f"):
        with pytest.raises(OSError, match=r"symbolic|Not a directory"):
            filesystem.open_read(str(tmp_path / name))


def test_directory_is_not_opened_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        FileSystem().open_read(str(tmp_path))
