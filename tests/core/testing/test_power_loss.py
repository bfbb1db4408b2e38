"""The power-loss double forgets exactly what the real promises allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.testing.power_loss import PowerLossFileSystem, PowerLost


def write(filesystem: PowerLossFileSystem, path: Path, content: bytes, *, synced: bool = True) -> None:
    descriptor = filesystem.create(str(path), 0o600)
    filesystem.write(descriptor, content)
    if synced:
        filesystem.fsync(descriptor)
    filesystem.close(descriptor)


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def test_file_survives_when_it_and_its_directory_were_synced(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    write(filesystem, tmp_path / "a", b"content")
    filesystem.sync(str(tmp_path))
    filesystem.crash()
    assert (tmp_path / "a").read_bytes() == b"content"


def test_synced_file_without_a_synced_name_is_gone(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    write(filesystem, tmp_path / "a", b"content")
    filesystem.crash()
    assert names(tmp_path) == set()


def test_synced_name_of_an_unsynced_file_is_an_empty_file(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    write(filesystem, tmp_path / "a", b"content", synced=False)
    filesystem.sync(str(tmp_path))
    filesystem.crash()
    assert (tmp_path / "a").read_bytes() == b""


def test_everything_in_a_directory_whose_own_name_was_not_synced_is_gone(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    filesystem.make_directory(str(tmp_path / "d"), 0o700)
    write(filesystem, tmp_path / "d" / "a", b"content")
    filesystem.sync(str(tmp_path / "d"))
    filesystem.crash()
    assert names(tmp_path) == set()


def test_unsynced_replacement_leaves_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    filesystem = PowerLossFileSystem(tmp_path)
    write(filesystem, tmp_path / "new", b"new")
    filesystem.rename(str(tmp_path / "new"), str(tmp_path / "a"))
    filesystem.crash()
    assert (tmp_path / "a").read_bytes() == b"old"


def test_unsynced_removal_brings_the_file_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    filesystem = PowerLossFileSystem(tmp_path)
    filesystem.unlink(str(tmp_path / "a"))
    filesystem.crash()
    assert (tmp_path / "a").read_bytes() == b"old"


def test_both_names_of_a_linked_file_stay_one_file(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    write(filesystem, tmp_path / "a", b"content")
    filesystem.link(str(tmp_path / "a"), str(tmp_path / "b"))
    filesystem.sync(str(tmp_path))
    filesystem.crash()
    assert (tmp_path / "a").samefile(tmp_path / "b")


def test_bytes_appended_after_the_last_sync_are_gone(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    descriptor = filesystem.open_append(str(tmp_path / "a"), 0o600)
    assert filesystem.append(descriptor, b"one") == 0
    filesystem.sync(str(tmp_path / "a"))
    filesystem.sync(str(tmp_path))
    assert filesystem.append(descriptor, b"two") == 3
    filesystem.crash()
    assert (tmp_path / "a").read_bytes() == b"one"


def test_chance_keeps_some_and_loses_some_of_what_was_not_synced(tmp_path: Path) -> None:
    survivors = set()
    for seed in range(20):
        filesystem = PowerLossFileSystem(tmp_path)
        for name in "ab":
            write(filesystem, tmp_path / name, b"content")
        filesystem.crash(seed)
        survivors.add("".join(sorted(names(tmp_path))))
        for path in tmp_path.iterdir():
            path.unlink()
    assert survivors == {"", "a", "b", "ab"}


def test_power_goes_after_the_given_number_of_changes(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    filesystem.lose_power_after(2)
    filesystem.make_directory(str(tmp_path / "a"), 0o700)
    filesystem.sync(str(tmp_path))
    with pytest.raises(PowerLost):
        filesystem.make_directory(str(tmp_path / "b"), 0o700)
    with pytest.raises(PowerLost):
        filesystem.status(str(tmp_path / "a"))
    filesystem.crash()
    filesystem.status(str(tmp_path / "a"))
    assert names(tmp_path) == {"a"}


def test_descriptor_from_before_the_crash_is_dead(tmp_path: Path) -> None:
    filesystem = PowerLossFileSystem(tmp_path)
    descriptor = filesystem.create(str(tmp_path / "a"), 0o600)
    filesystem.crash()
    with pytest.raises(OSError, match="Bad file descriptor"):
        filesystem.write(descriptor, b"late")
