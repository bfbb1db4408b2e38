"""The job store of a run: its files, and what is kept in it by name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from toil.exceptions import Absent, NothingToImport, not_there
from toil.fileStores.fileID import FileID, ref_of
from toil.fileStores.streams import as_text, written
from toil_core.api.job import FileAccess
from toil_core.errors import NoSuchObject, NoSuchStore, NoSuchUrl, StoreExists, UnknownPlugin, UrlError

if TYPE_CHECKING:
    from toil.configuration import Config

NoSuchFileException = NoSuchObject
NoSuchJobStoreException = NoSuchStore
JobStoreExistsException = StoreExists
InvalidImportExportUrlException = UrlError
UnimplementedURLException = UnknownPlugin

__all__ = [
    "AbstractJobStore",
    "InvalidImportExportUrlException",
    "JobStoreExistsException",
    "NoSuchFileException",
    "NoSuchJobStoreException",
    "UnimplementedURLException",
]


class AbstractJobStore:
    """Files of a run, for the leader (``Toil.getJobStore``) and for jobs (``fileStore.jobStore``).

    A file that a job writes here is part of the run if the job succeeds. What is kept by a name is there at
    once, and what was put last counts, whoever put it.
    """

    def __init__(self, locator: str | None, find: Callable[[], FileAccess], config: Config | None = None) -> None:
        """``find`` opens the store, when it is first used; ``locator`` and ``config`` where they are known."""
        self._locator = locator
        self._find = find
        self._found: FileAccess | None = None
        self._config = config

    def resume(self) -> None:
        """Open the store of a run that was begun. Raises ``NoSuchJobStoreException``."""
        self._files()

    @property
    def locator(self) -> str:
        """Where the store is. Raises ``UnsupportedFeature`` in a job, which is not told."""
        if self._locator is None:
            raise not_there("fileStore.jobStore.locator", "Hand options.jobStore to the job as an argument")
        return self._locator

    @property
    def config(self) -> Config:
        """The run's options. Raises ``UnsupportedFeature`` where nobody knows them, as in a job."""
        if self._config is None:
            raise not_there("jobStore.config in a job", "Hand the options to the job as an argument")
        return self._config

    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, hardlink: bool = False, symlink: bool = True
    ) -> FileID | None:
        """The content of a path or any URL that an installed plugin reads; with ``shared_file_name`` it is
        kept by that name, and has no id. Raises ``FileNotFoundError`` if nothing is there."""
        files = self._files()
        try:
            ref = files.import_url(os.fspath(src_uri), by_reference=symlink)
        except NoSuchUrl as error:
            raise NothingToImport(error.message, error.cure) from error
        if shared_file_name is None:
            return FileID.of(ref)
        with files.open(ref) as content:
            files.put_shared(shared_file_name, content)
        return None

    def export_file(self, file_id: str, dst_uri: str) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._files().export(ref_of(file_id), os.fspath(dst_uri))

    def write_file(self, local_path: str, job_id: str | None = None, cleanup: bool = False) -> FileID:
        """Store a local file's content; ``job_id`` and ``cleanup`` change nothing."""
        return FileID.of(self._files().write(Path(local_path)))

    @contextmanager
    def write_file_stream(
        self,
        job_id: str | None = None,
        cleanup: bool = False,
        basename: str | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[tuple[IO[Any], FileID]]:
        """A stream and the id of the file that it becomes when the block ends."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "stream")
            with written(self._files(), path, basename, encoding, errors) as (stream, made):
                yield stream, made

    def read_file(self, file_id: str, local_path: str, symlink: bool = False) -> None:
        """Have a copy of a file's content at a new path."""
        self._files().read(ref_of(file_id), Path(local_path), mutable=not symlink)

    @contextmanager
    def read_file_stream(
        self, file_id: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """A stream of a file's content: of bytes, with ``encoding`` of text."""
        with self._files().open(ref_of(file_id)) as stream:
            yield as_text(stream, encoding, errors)

    def file_exists(self, file_id: str) -> bool:
        """Whether there is such a file."""
        try:
            with self._files().open(ref_of(file_id)):
                return True
        except (NoSuchFileException, NoSuchUrl):
            return False

    def get_file_size(self, file_id: str) -> int:
        """The size in bytes."""
        return ref_of(file_id).size

    def delete_file(self, file_id: str) -> None:
        """Say that a file is no longer wanted."""
        self._files().delete(ref_of(file_id))

    @contextmanager
    def write_shared_file_stream(
        self,
        shared_file_name: str,
        encrypted: bool | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[IO[Any]]:
        """A stream to what is kept by a name from the end of the block on, in place of what was. It takes
        bytes, with ``encoding`` text. ``encrypted`` changes nothing: it is kept like all else."""
        with tempfile.TemporaryFile() as content:
            stream = as_text(content, encoding, errors)
            yield stream
            stream.flush()
            content.seek(0)
            self._files().put_shared(shared_file_name, content)
            if stream is not content:
                stream.detach()

    @contextmanager
    def read_shared_file_stream(
        self, shared_file_name: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """A stream of what is kept by a name. Raises ``NoSuchFileException``."""
        with self._files().open_shared(shared_file_name) as stream:
            yield as_text(stream, encoding, errors)

    importFile = import_file
    exportFile = export_file
    writeFile = write_file
    writeFileStream = write_file_stream
    readFile = read_file
    readFileStream = read_file_stream
    fileExists = file_exists
    getFileSize = get_file_size
    deleteFile = delete_file
    writeSharedFileStream = write_shared_file_stream
    readSharedFileStream = read_shared_file_stream

    destroy = Absent("Use the command: toil clean STORE")
    jobs = Absent("Use the command: toil status STORE")

    def _files(self) -> FileAccess:
        if self._found is None:
            self._found = self._find()
        return self._found
