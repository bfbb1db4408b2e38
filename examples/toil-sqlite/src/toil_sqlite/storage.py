"""A job store in one SQLite file, for any number of processes of one machine."""

from __future__ import annotations

import contextlib
import glob
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast
from uuid import uuid4

from toil_core.api.storage import Storage
from toil_core.errors import (
    NoSuchObject,
    NoSuchStore,
    ObjectExists,
    StorageError,
    StoreExists,
    StoreFull,
    UsageError,
)
from toil_core.model.object_key import check_key
from toil_sqlite.plugin import SqliteOptions

_OURS = 0x546F696C  # the application id in the file's header, by which a store is told from others' files
_CHUNK = 256 * 1024
_IN_MEMORY = 4 * _CHUNK
_PAGE = 500
_TABLES = """
CREATE TABLE objects (key TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chunks (key TEXT NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, UNIQUE (key, number));
"""


class SqliteStorage(Storage):
    """The store at ``sqlite:PATH``. Each call has a connection of its own, so that forks do no harm."""

    def __init__(self, rest: str, options: SqliteOptions | None) -> None:
        if not rest:
            raise UsageError("The job store locator sqlite: names no file", "Try: sqlite:PATH")
        self._path = os.path.abspath(rest)
        self._name = f"sqlite:{self._path}"
        self._patience = (options or SqliteOptions()).sqlite_patience  # commands have none

    def create(self) -> None:
        """Make the file whole under another name, then link it to its own."""
        new = f"{self._path}.new-{uuid4().hex}"
        with self._doing("be made"):
            try:
                os.close(os.open(new, os.O_CREAT | os.O_EXCL, 0o600))
                with contextlib.closing(sqlite3.connect(new)) as made:
                    made.executescript(f"PRAGMA synchronous=EXTRA; PRAGMA application_id={_OURS}; {_TABLES}")
                os.link(new, self._path)
                _sync_folder(self._path)
            except FileExistsError as error:
                raise StoreExists(
                    f"There is something at {self._name} already",
                    f"Go on with its run with --restart, or remove it with: toil clean {self._name}",
                ) from error
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(new)

    def open(self) -> None:
        """Check that the file is a store."""
        with self._connection("be opened") as store:
            store.execute("SELECT 1 FROM objects LIMIT 1")

    def destroy(self) -> None:
        """Remove the file, and what a creation that was cut short has left; no other's file."""
        with self._doing("be removed"):
            for new in glob.glob(f"{glob.escape(self._path)}.new-*"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(new)
        # Whoever opened the file before it went finds it empty, and so does another that destroys it.
        with contextlib.suppress(NoSuchStore), self._connection("be removed") as store:
            # No journal on disk, which could be taken for one of the next file of this name.
            store.execute("PRAGMA journal_mode=MEMORY")
            store.execute("BEGIN EXCLUSIVE")
            store.execute("DROP TABLE objects")
            os.unlink(self._path)
            store.execute("DROP TABLE chunks")
            store.execute("COMMIT")
            _sync_folder(self._path)

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object in one transaction; a stream is copied to a file first."""
        check_key(key)
        if isinstance(content, bytes):
            self._put(key, io.BytesIO(content), len(content), if_absent)
            return
        with contextlib.closing(self._scratch(f'put "{key}"')) as copy:
            size = 0
            while part := content.read(_CHUNK):
                with self._doing(f'put "{key}"'):
                    size += copy.write(part)
            copy.seek(0)
            self._put(key, copy, size, if_absent)

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of what the object was at this moment; long ones are copied to a file without a name."""
        check_key(key)
        with self._connection(f'read "{key}"') as store:
            store.execute("BEGIN")
            size = self._size(store, key)
            end = size if length is None else min(size, start + length)
            if start >= end:
                return io.BytesIO()
            target = io.BytesIO() if end - start <= _IN_MEMORY else self._scratch(f'read "{key}"')
            for number in range(start // _CHUNK, -(-end // _CHUNK)):
                begins = number * _CHUNK
                asked = (max(start - begins, 0) + 1, min(end - begins, _CHUNK) - max(start - begins, 0), key, number)
                query = "SELECT substr(content, ?, ?) FROM chunks WHERE key = ? AND number = ?"
                target.write(store.execute(query, asked).fetchone()[0])
        target.seek(0)
        return target

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects in one transaction."""
        gone = [(check_key(key),) for key in keys]
        named = f'delete "{gone[0][0]}"' if gone else "delete nothing"
        with self._connection(named) as store:
            store.execute("BEGIN IMMEDIATE")
            store.executemany("DELETE FROM chunks WHERE key = ?", gone)
            store.executemany("DELETE FROM objects WHERE key = ?", gone)
            store.execute("COMMIT")

    def list(self, prefix: str) -> Iterator[str]:
        """All keys with the prefix, a page at a time, so that no lock outlives a page."""
        last, end = "", f"{prefix}\U0010ffff"
        while True:
            with self._connection(f'list "{prefix}"') as store:
                query = "SELECT key FROM objects WHERE key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?"
                page = [key for (key,) in store.execute(query, (prefix, end, last, _PAGE))]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def size(self, key: str) -> int:
        """An object's length in bytes."""
        check_key(key)
        with self._connection(f'look at "{key}"') as store:
            return self._size(store, key)

    def public_url(self, key: str) -> str | None:
        """None: nobody else reads rows."""
        return None

    def _put(self, key: str, content: BinaryIO, size: int, if_absent: bool) -> None:
        with self._connection(f'put "{key}"') as store:
            store.execute("BEGIN IMMEDIATE")
            if not if_absent:
                store.execute("DELETE FROM chunks WHERE key = ?", (key,))
                store.execute("DELETE FROM objects WHERE key = ?", (key,))
            try:
                store.execute("INSERT INTO objects VALUES (?, ?)", (key, size))
            except sqlite3.IntegrityError as error:
                raise ObjectExists(f'The job store {self._name} holds "{key}" already') from error
            chunks = enumerate(iter(lambda: content.read(_CHUNK), b""))
            store.executemany("INSERT INTO chunks VALUES (?, ?, ?)", ((key, number, part) for number, part in chunks))
            store.execute("COMMIT")

    def _scratch(self, operation: str) -> BinaryIO:
        """A file without a name."""
        with self._doing(operation):
            return cast("BinaryIO", tempfile.TemporaryFile())

    def _size(self, store: sqlite3.Connection, key: str) -> int:
        found = store.execute("SELECT size FROM objects WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise NoSuchObject(f'The job store {self._name} holds no "{key}"')
        return int(found[0])

    @contextlib.contextmanager
    def _connection(self, operation: str) -> Iterator[sqlite3.Connection]:
        """A connection to a store that is there. What is not committed at its end is as if it had not been."""
        place = f"{Path(self._path).as_uri()}?mode=rw"
        with self._doing(operation):
            store = sqlite3.connect(place, uri=True, timeout=self._patience, isolation_level=None)
            with contextlib.closing(store):
                store.execute("PRAGMA synchronous=EXTRA")
                if store.execute("PRAGMA application_id").fetchone()[0] != _OURS:
                    raise StorageError(
                        f"{self._path} is not a job store; nothing was changed", "Choose another place with --job-store"
                    )
                yield store

    @contextlib.contextmanager
    def _doing(self, operation: str) -> Iterator[None]:
        """Says in the contract's words what SQLite and the system say, with the store and the operation."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = str(error)
            if "no such table" in reason or ("unable to open" in reason and not os.path.exists(self._path)):
                raise NoSuchStore(
                    f"There is no job store at {self._name}", "Check the path; a run without --restart makes it"
                ) from error
            failed = f"The job store {self._name} could not {operation}: {reason}"
            if "is full" in reason or "No space" in reason:
                raise StoreFull(failed, "Make space there, then go on with --restart") from error
            if "locked" in reason:
                raise StorageError(failed, "Find who holds it, or wait longer with --sqlite-patience") from error
            raise StorageError(
                failed, "Check that its folder is there and the file yours and whole, or choose another place"
            ) from error


def _sync_folder(path: str) -> None:
    """Make the names in a file's folder durable."""
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
