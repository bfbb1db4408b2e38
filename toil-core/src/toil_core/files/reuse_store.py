"""Results of finished work by what went into it: a store that any number of runs share.

========================================  ==================================================
``reuse``                                 says that the store is one of results
``entries/<key>``                         a result, see ``files.reuse_entry``; put with ``if_absent``
``contents/<checksum>-<size>/<random>``   a large file of results, put before what names it
``checksums/<facts>``                     of local inputs, see ``files.local_checksums``
========================================  ==================================================

Nothing in it changes, and nothing in it is needed by a run that has taken a result: it may be removed
at any time. What is damaged is told, and made again by whoever finds it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toil_core.api.job import JobContext
from toil_core.api.storage import Storage
from toil_core.errors import (
    NoSuchObject,
    NoSuchStore,
    ObjectExists,
    StorageError,
    StoreDamaged,
    StoreExists,
    UsageError,
)
from toil_core.files.hashing import checksum_of
from toil_core.files.local_checksums import Content, LocalChecksums
from toil_core.files.reuse_entry import Entry, EntryFile, entry_bytes, read_entry
from toil_core.model.file import FileRef
from toil_core.plugins.manager import PluginManager
from toil_core.store.job_store import RESULTS_MARK
from toil_core.system.copying import copy_content

SMALL_BYTES = 64 * 1024
"""Files up to this size lie in their entry, so that a result of small files is one object."""

ENTRY_BYTES = 32 * 1024**2
"""What the small files of one entry come to at most, for they are held in memory; more lie elsewhere."""

_FORMAT = b"1\n"


@dataclass(frozen=True, slots=True)
class Result:
    """What a piece of work came to: text that only its maker understands, and files of the run, which
    the text speaks of by their number. Every file's checksum is known."""

    value: str
    files: tuple[FileRef, ...] = ()


class ReuseStore:
    """Safe for use by any number of runs at once, each with any number of processes. All methods raise
    what the storage raises."""

    def __init__(self, storage: Storage, locator: str) -> None:
        self._storage = storage
        self._locator = locator
        self.checksums = LocalChecksums(storage)

    def prepare(self) -> None:
        """Make the store if it is not there. Raises ``UsageError`` for one that holds something else."""
        self._make()
        try:
            with self._storage.get(RESULTS_MARK) as stream:
                found = stream.read()
        except NoSuchObject:
            if any(True for _ in self._storage.list("")):
                raise UsageError(
                    f"{self._locator} is a job store, and no store of results",
                    "Name another place, which need not be there",
                ) from None
            with contextlib.suppress(ObjectExists):
                self._storage.put(RESULTS_MARK, _FORMAT, if_absent=True)
            return
        if found != _FORMAT:
            raise UsageError(f"The results in {self._locator} were kept by another version", "Name another place")

    def find(self, key: str, context: JobContext) -> Result | None:
        """The result kept under ``key``, its files now files of the job's run; ``None`` if there is none.

        Raises ``StoreDamaged`` for one that is not whole, ``StoreFormatError`` for one of a newer format.
        """
        name = f"entries/{key}"
        try:
            with self._storage.get(name) as stream:
                content = stream.read()
        except NoSuchObject:
            return None
        entry, small = read_entry(content, f"The result {key[:16]} in {self._locator}")
        return Result(entry.value, tuple(self._taken(key, file, small, context) for file in entry.files))

    def keep(self, key: str, result: Result, context: JobContext, *, anew: bool = False) -> None:
        """Have a result under ``key``; durable when this returns. With ``anew`` it replaces one that is
        damaged; else the first one stays."""
        small = bytearray()
        offsets: dict[Content, int] = {}
        files = []
        for ref in result.files:
            content = (ref.checksum, ref.size)
            if content not in offsets:
                if ref.size <= SMALL_BYTES and len(small) + ref.size <= ENTRY_BYTES:
                    offsets[content] = len(small)
                    small += _content_of(ref, context)
                else:
                    self._store(ref, context)
            files.append(EntryFile(ref.checksum, ref.size, ref.name, ref.executable, offsets.get(content)))
        whole = entry_bytes(Entry(result.value, tuple(files)), bytes(small))
        with contextlib.suppress(ObjectExists):
            self._storage.put(f"entries/{key}", whole, if_absent=not anew)

    def _make(self) -> None:
        try:
            self._storage.open()
            return
        except NoSuchStore:
            pass
        try:
            self._storage.create()
        except StoreExists as error:
            try:
                self._storage.open()  # made by another run just now
            except NoSuchStore:
                raise UsageError(error.message, error.cure) from error

    def _taken(self, key: str, file: EntryFile, small: bytes, context: JobContext) -> FileRef:
        if file.offset is not None:
            content = small[file.offset : file.offset + file.size]
            return replace(context.files.write_bytes(content, name=file.name), executable=file.executable)
        for place in sorted(self._storage.list(_folder(file.checksum, file.size))):
            found = self._fetched(place, file, context)
            if found is not None:
                return found
        raise StoreDamaged(f'The result {key[:16]} in {self._locator} is damaged: its file "{file.name}" is gone')

    def _fetched(self, place: str, file: EntryFile, context: JobContext) -> FileRef | None:
        """A content as a file of the run, its checksum taken on the way; one that is wrong is removed."""
        path = context.work_dir / f"reused-{uuid.uuid4().hex}"
        try:
            self._fetch(place, path)
        except NoSuchObject:  # found wrong by another just now
            return None
        ref = context.files.write(path, name=file.name, move=True)
        if (ref.checksum, ref.size) == (file.checksum, file.size):
            return replace(ref, executable=file.executable)
        context.files.delete(ref)
        self._storage.delete([place])
        return None

    def _fetch(self, place: str, path: Path) -> None:
        here = self._path_here(place)
        if here is not None:
            try:
                copy_content(str(here), str(path))
                return
            except FileNotFoundError:  # reading tells whether it is the content that has gone
                path.unlink(missing_ok=True)
        with self._storage.get(place) as source, path.open("xb") as out:
            shutil.copyfileobj(source, out, 1 << 20)

    def _store(self, ref: FileRef, context: JobContext) -> None:
        folder = _folder(ref.checksum, ref.size)
        if any(True for _ in self._storage.list(folder)):
            return
        place = folder + uuid.uuid4().hex
        path = context.files.local_path(ref)
        if self._is_beside(context.work_dir):  # so that a copy may share its blocks with the original
            copy = context.work_dir / f"kept-{uuid.uuid4().hex}"
            copy_content(str(path), str(copy))
            if self._storage.take(place, str(copy)):
                return
            copy.unlink()
        with path.open("rb") as stream:
            self._storage.put(place, stream)

    def _is_beside(self, folder: Path) -> bool:
        mark = self._path_here(RESULTS_MARK)
        return mark is not None and os.stat(mark).st_dev == os.stat(folder).st_dev

    def _path_here(self, key: str) -> Path | None:
        url = self._storage.public_url(key)
        return Path(unquote(urlsplit(url).path)) if url is not None and url.startswith("file:") else None


def _content_of(ref: FileRef, context: JobContext) -> bytes:
    with context.files.open(ref) as stream:
        content = stream.read()
    if checksum_of(content) != ref.checksum:
        raise StorageError(f'The file "{ref.name}" of the run is not what was written')
    return content


def _folder(checksum: str, size: int) -> str:
    return f"contents/{checksum.replace('$', '-')}-{size}/"


@cache
def open_reuse_store(locator: str) -> ReuseStore:
    """The reuse store that a locator names, one a process; nothing is touched yet. Raises ``UnknownPlugin``."""
    spec, rest = PluginManager.load().storage(locator)
    return ReuseStore(spec.load()(rest, None), locator)
