"""A node's unpacked code: once, whole, ours alone, and gone when nobody has used it for long."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from toil_core.deployment.archive import pack, unpack
from toil_core.deployment.node_folders import UNUSED_SECONDS, NodeFolders
from toil_core.deployment.own_files import SentFile
from toil_core.errors import StorageError

NAME = "0123456789abcdef"
WORKER = """
import sys
from pathlib import Path
from toil_core.deployment.node_folders import NodeFolders

def unpack(folder):
    print("unpacks", flush=True)
    (folder / "module.py").write_text("x" * 100000)

folder = NodeFolders(Path(sys.argv[1])).folder(sys.argv[2], unpack)
print((folder / "module.py").stat().st_size, flush=True)
sys.stdin.read()
"""


def worker(directory):
    command = [sys.executable, "-c", WORKER, str(directory), NAME]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def age(directory, seconds=UNUSED_SECONDS + 60):
    for mark in directory.glob("*/+in-use"):
        os.utime(mark, (time.time() - seconds,) * 2)


def make(folder):
    (folder / "module.py").write_text("x")


def fail(folder):
    make(folder)
    raise StorageError("cut short")


def test_of_many_workers_one_unpacks(tmp_path):
    workers = [worker(tmp_path / "code") for _ in range(4)]
    said = [one.communicate()[0] for one in workers]
    assert sorted(said) == ["100000\n"] * 3 + ["unpacks\n100000\n"]


def test_a_worker_that_is_killed_while_it_unpacks_is_followed_by_another(tmp_path):
    directory = tmp_path / "code"
    text = WORKER.replace('    (folder / "module.py")', '    sys.stdin.read()\n    (folder / "module.py")')
    command = [sys.executable, "-c", text, str(directory), NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "unpacks\n"
        waiting = worker(directory)
        killed.kill()
    assert waiting.communicate()[0] == "unpacks\n100000\n"
    [left] = directory.glob("part-*")
    os.utime(left, (0, 0))
    NodeFolders(directory).folder("ffffffffffffffff", make)
    assert not left.exists()


def test_what_was_cut_short_is_never_seen(tmp_path):
    folders = NodeFolders(tmp_path / "code")
    with pytest.raises(StorageError):
        folders.folder(NAME, fail)
    assert not [path for path in (tmp_path / "code").iterdir() if path.is_dir()]
    assert (folders.folder(NAME, make) / "module.py").read_text() == "x"


def test_what_nobody_used_for_long_goes_but_what_is_in_use_stays(tmp_path):
    directory = tmp_path / "code"
    with worker(directory) as held:
        assert held.stdout is not None
        held.stdout.readline()
        held.stdout.readline()
        [used] = directory.glob(f"*{NAME}")
        age(directory)
        (directory / "part-left").mkdir()
        os.utime(directory / "part-left", (0, 0))
        NodeFolders(directory).folder("ffffffffffffffff", make)
        assert used.exists()
        assert not (directory / "part-left").exists()
        held.communicate()
    age(directory, UNUSED_SECONDS / 2)
    NodeFolders(directory).folder("eeeeeeeeeeeeeeee", make)
    assert used.exists()
    age(directory)
    NodeFolders(directory).folder("dddddddddddddddd", make)
    assert not used.exists()


def test_a_folder_that_others_can_write_to_is_refused(tmp_path):
    directory = tmp_path / "code"
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.raises(StorageError, match="can be written by others"):
        NodeFolders(directory).folder(NAME, make)
    directory.rmdir()
    (tmp_path / "other").mkdir(mode=0o700)
    directory.symlink_to("other")
    with pytest.raises(StorageError, match="can be written by others"):
        NodeFolders(directory).folder(NAME, make)


FULL = """
import os, sys
from pathlib import Path
from toil_core.deployment.node_folders import NodeFolders
from toil_core.deployment.own_files import SentFile
from toil_core.errors import StorageError

def unpack(folder):
    (folder / "small.py").write_text("x")
    (folder / "module.py").write_text("x" * 1000000)

directory = Path(sys.argv[1], "code")
try:
    NodeFolders(directory).folder(sys.argv[2], unpack)
except StorageError as error:
    print(error)
print([path.name for path in directory.iterdir() if path.is_dir()])
Path(sys.argv[1], "large").unlink()
print(len((NodeFolders(directory).folder(sys.argv[2], unpack) / "module.py").read_text()))
"""
SMALL_DISK = (
    'mount -t tmpfs -o size=1200k none "$1"; head -c 500000 /dev/zero > "$1/large"; exec "$2" -c "$3" "$1" "$4"'
)


def test_a_full_disk_is_told_of_and_leaves_nothing_behind(tmp_path):
    apart = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("nothing can be given a small disk of its own here")
    words = ["sh", "-ec", SMALL_DISK, "sh", str(tmp_path), sys.executable, FULL, NAME]
    done = subprocess.run([*apart, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"The code of the run cannot be unpacked in {tmp_path}/code: No space left on device. "
        "Make room there, or set TMPDIR",
        "[]",
        "1000000",
    ]


@pytest.mark.parametrize("umask", [0, 0o077])
def test_what_is_unpacked_belongs_to_its_user_alone(tmp_path, umask):
    (tmp_path / "tool").write_text("#!/bin/sh")
    (tmp_path / "tool").chmod(0o4777)
    (tmp_path / "module.py").write_text("x")
    (tmp_path / "module.py").chmod(0o400)
    files = [SentFile(str(tmp_path / name), f"0/{name}") for name in ("tool", "module.py")]
    before = os.umask(umask)
    try:
        with pack(files).stream as archive:
            place = NodeFolders(tmp_path / "code").folder(NAME, lambda folder: unpack(archive, folder))
    finally:
        os.umask(before)
    assert os.access(place / "0" / "tool", os.X_OK)
    assert not os.access(place / "0" / "module.py", os.X_OK)
    assert [path.stat().st_mode & 0o7777 for path in (place.parent, place)] == [0o700, 0o700]
    assert not [path for path in (place / "0").iterdir() if path.stat().st_mode & 0o7600 != 0o600]
