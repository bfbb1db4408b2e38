"""Folders of workers on their own: each goes with its worker, be that killed."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import tempfile

import pytest

from toil_core.worker.own_folder import clear_up_after_others, make_own_folder

LIVE = """
import sys
from toil_core.worker.abort_commands import AbortCommands
from toil_core.worker.own_folder import make_own_folder

folder = make_own_folder()
AbortCommands(folder / "attempt").add(["touch", sys.argv[1]])
print(folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def node(tmp_path, monkeypatch):
    """A machine's temporary folder."""
    folder = tmp_path / "node"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def killed(node, tmp_path):
    """Has a worker on the machine killed that had left a file to be made; the file."""
    mark = tmp_path / "mark"
    command = [sys.executable, "-c", LIVE, str(mark)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout.readline().startswith(str(node))
        clear_up_after_others()
        assert list(node.iterdir()), "the worker lives"
        worker.kill()
    return mark


def work(store):
    return [sys.executable, "-m", "toil_core.worker", store.locator, "1.1"]


def test_the_next_worker_ends_what_a_killed_one_could_not(killed, node, store):
    assert not killed.exists()
    assert subprocess.run(work(store), capture_output=True, check=False).returncode == 1, "there is no order for it"
    assert killed.exists()
    assert not list(node.iterdir())


@pytest.mark.parametrize("how", ["a link", "writable by all"])
def test_what_others_could_have_put_there_is_left_alone(killed, node, how):
    (folder,) = node.iterdir()
    if how == "a link":
        elsewhere = node.parent / "elsewhere"
        folder.rename(elsewhere)
        folder.symlink_to(elsewhere)
    else:
        folder.chmod(0o777)
    clear_up_after_others()
    assert not killed.exists()
    assert folder.exists()


def test_a_folder_on_a_file_system_without_locks_is_left_to_its_worker(node, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)
    folder = make_own_folder()
    clear_up_after_others()
    assert list(node.iterdir()) == [folder]


def test_a_worker_that_is_ended_before_it_has_its_order_leaves_nothing(node, store, tmp_path):
    first_read = tmp_path / "store" / "format"
    first_read.unlink()
    os.mkfifo(first_read)
    with subprocess.Popen(work(store), stderr=subprocess.DEVNULL) as worker:
        with first_read.open("wb"):
            assert list(node.iterdir())
            worker.terminate()
        assert worker.wait() == 128 + signal.SIGTERM
    assert not list(node.iterdir())
