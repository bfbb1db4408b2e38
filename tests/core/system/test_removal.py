"""Directories go, whatever modes programs have left in them."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from toil_core.system.removal import remove_tree
from toil_core.worker.attempt_directory import AttemptDirectory, Kept

NOBODY = 65534


def as_a_plain_user(work, tmp_path):
    """Do the work in a process without root's rights; what it raised is an exit status."""
    tmp_path.chmod(0o777)
    for above in tmp_path.parents:
        if above.stat().st_uid == os.geteuid() and above != above.parent:
            above.chmod(above.stat().st_mode | 0o011)

    def run():
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        work()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(60)
    assert process.exitcode == 0


def lock(folder):
    """A folder from which nothing can be removed, with a file in it and one below."""
    (folder / "locked" / "below").mkdir(parents=True)
    (folder / "locked" / "file").write_text("x")
    (folder / "locked" / "below" / "file").write_text("x")
    (folder / "locked" / "below").chmod(0o500)
    (folder / "locked").chmod(0o500)


def test_read_only_folders_are_removed_by_their_owner(tmp_path):
    def work():
        (tmp_path / "top").mkdir()
        lock(tmp_path / "top")
        assert remove_tree(tmp_path / "top")
        assert not (tmp_path / "top").exists()

    as_a_plain_user(work, tmp_path)


def test_what_a_link_leads_to_is_left_alone(tmp_path):
    (tmp_path / "top").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    (tmp_path / "top" / "link").symlink_to(tmp_path / "kept")
    assert remove_tree(tmp_path / "top")
    assert (tmp_path / "kept" / "file").exists()


def test_what_is_not_there_is_gone(tmp_path):
    assert remove_tree(tmp_path / "absent")


@pytest.mark.parametrize("kept", [Kept.NOTHING, Kept.EMPTY_DIRECTORIES])
def test_no_attempt_finds_what_another_has_locked(tmp_path, kept):
    def work():
        directory = AttemptDirectory(tmp_path / "work", kept)
        lock(directory.made())
        directory.clear()
        assert list(directory.made().iterdir()) == []

    as_a_plain_user(work, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what another user cannot remove")
def test_what_belongs_to_another_user_is_out_of_the_way_of_the_next_attempt(tmp_path):
    (tmp_path / "work" / "out").mkdir(parents=True)
    (tmp_path / "work" / "out" / "file").write_text("x")
    os.chown(tmp_path / "work", NOBODY, NOBODY)

    def work():
        directory = AttemptDirectory(tmp_path / "work", Kept.EMPTY_DIRECTORIES)
        directory.made()
        directory.clear()
        assert list(directory.made().iterdir()) == []

    as_a_plain_user(work, tmp_path)
    (left,) = tmp_path.glob("work.left-*")
    assert (left / "out" / "file").exists()
