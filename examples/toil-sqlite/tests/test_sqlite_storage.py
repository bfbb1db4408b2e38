"""The SQLite store keeps the contract of job stores, and some promises of its own."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from toil_core.errors import NoSuchObject, StorageError, StoreExists
from toil_core.testing import StorageContract
from toil_sqlite.plugin import SqliteOptions
from toil_sqlite.storage import SqliteStorage


class TestSqliteStorage(StorageContract):
    many_objects = 600  # a page has 500

    @pytest.fixture
    def client(self, tmp_path):
        return functools.partial(SqliteStorage, str(tmp_path / "run.db"), SqliteOptions())

    def leave_creation_unfinished(self, client):
        with contextlib.closing(sqlite3.connect(f"{client.args[0]}.new-0123")) as half:
            half.execute("CREATE TABLE objects (key TEXT)")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.db"


@pytest.fixture
def storage(path):
    storage = SqliteStorage(str(path), SqliteOptions())
    storage.create()
    return storage


def test_store_is_one_file_and_its_owners_only(storage, path):
    storage.put("a", b"content")
    storage.put("b", io.BytesIO(bytes(3_000_000)))
    assert [found.name for found in path.parent.iterdir()] == ["run.db"]
    assert path.stat().st_mode & 0o077 == 0
    storage.destroy()
    assert list(path.parent.iterdir()) == []


def test_put_of_a_process_that_was_killed_leaves_nothing(storage, path):
    killed = """
import os, signal, sys
from toil_sqlite.plugin import SqliteOptions
from toil_sqlite.storage import SqliteStorage

class Deadly:
    # Dies within the transaction.
    left = 20
    def read(self, size):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return bytes(size)

SqliteStorage(sys.argv[1], SqliteOptions())._put("a", Deadly(), 10**9, True)
"""
    assert subprocess.run([sys.executable, "-c", killed, str(path)], check=False).returncode == -signal.SIGKILL
    with pytest.raises(NoSuchObject):
        storage.size("a")
    storage.put("a", b"content", if_absent=True)
    assert list(storage.list("")) == ["a"]


def test_files_of_others_are_neither_used_nor_removed(path):
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE objects (years_of_work TEXT)")
    storage = SqliteStorage(str(path), SqliteOptions())
    for act in (storage.open, storage.destroy, lambda: storage.put("a", b"")):
        with pytest.raises(StorageError, match="not a job store"):
            act()
    with pytest.raises(StoreExists):
        storage.create()
    assert path.exists()


def test_what_is_no_database_is_told_and_kept(path):
    path.write_text("years of work " * 100)
    storage = SqliteStorage(str(path), SqliteOptions())
    for act in (storage.open, storage.destroy):
        with pytest.raises(StorageError, match="not a database"):
            act()
    assert path.exists()


def test_store_that_others_keep_locked_is_told_with_what_to_try(storage, path):
    impatient = SqliteStorage(str(path), SqliteOptions(sqlite_patience=0.01))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match=r'could not put "a": database is locked.*--sqlite-patience'):
            impatient.put("a", b"")
    impatient.put("a", b"")


def test_clients_in_parent_and_forked_child_use_one_store(storage):
    storage.put("parent", b"one")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            storage.put("child", b"two")
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sorted(storage.list("")) == ["child", "parent"]
