"""What a running job does with files, by upstream's names."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, overload

from toil.exceptions import NothingStored
from toil.fileStores.fileID import FileID, ref_of
from toil.fileStores.streams import as_text, written
from toil.jobStores.abstractJobStore import AbstractJobStore
from toil.lib.io import disk_usage
from toil_core.errors import NoSuchObject
from toil_core.system.copying import link_or_copy
from toil_core.workflow import Context


class AbstractFileStore:
    """The files of a running job; ``job.fileStore``. Valid until the job's function returns."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._local: dict[str, list[Path]] = {}
        self._streams: dict[str, FileID] = {}

    @property
    def localTempDir(self) -> str:
        """The directory that the job works in."""
        return str(self._context.work_dir)

    def getLocalTempDir(self) -> str:
        """A new empty directory; it goes when the job ends."""
        return str(self._context.temp_dir())

    def getLocalTempFile(self, suffix: str | None = None, prefix: str | None = None) -> str:
        """A new empty file; it goes when the job ends."""
        return str(self._context.temp_file(".tmp" if suffix is None else suffix, prefix or "tmp"))

    def getLocalTempFileName(self, suffix: str | None = None, prefix: str | None = None) -> str:
        """A path where nothing is; what is put there goes when the job ends."""
        path = self.getLocalTempFile(suffix, prefix)
        os.unlink(path)
        return path

    def writeGlobalFile(
        self, localFileName: str | os.PathLike[str], cleanup: bool = False, hints: Any = None
    ) -> FileID:
        """Store a local file's content. ``cleanup`` and ``hints`` change nothing: the file is there
        until it is deleted or the job store goes."""
        path = Path(localFileName)
        made = FileID.of(self._context.files.write(path))
        if self._context.work_dir in path.absolute().parents:
            self._local.setdefault(str(made), []).append(path.absolute())
        return made

    @contextmanager
    def writeGlobalFileStream(
        self,
        cleanup: bool = False,
        basename: str | None = None,
        hints: Any = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[tuple[IO[Any], FileID]]:
        """A stream and the id of the file that it becomes when the block ends; nothing if it raises.

        The stream takes bytes, with ``encoding`` text.
        """
        path = self._context.temp_file(".stream")
        with written(self._context.files, path, basename, encoding, errors) as (stream, made):
            yield stream, made
        self._streams[str(made)] = made

    def readGlobalFile(
        self,
        fileStoreID: str,
        userPath: str | os.PathLike[str] | None = None,
        cache: bool = True,
        mutable: bool = False,
        symlink: bool = False,
    ) -> str:
        """A local path with the content: a hard link to it where that can be, with ``symlink`` a symbolic
        one, else a copy; a copy of the job's own if it is ``mutable`` or not from the ``cache``.

        Raises ``FileExistsError`` if something is at ``userPath``, and ``NoSuchFileException``, which is a
        ``FileNotFoundError`` too, for what is not stored or this job has deleted.
        """
        path = Path(self.getLocalTempFileName() if userPath is None else userPath).absolute()
        with _missing_told():
            self._context.files.read(ref_of(self._known(fileStoreID)), path, mutable=mutable or not cache)
        if path.is_symlink() and not symlink:
            _link_hard(path)
        self._local.setdefault(str(fileStoreID), []).append(path)
        return str(path)

    @contextmanager
    def readGlobalFileStream(
        self, fileStoreID: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """A stream of the content: of bytes, with ``encoding`` of text. Raises ``NoSuchFileException`` as
        ``readGlobalFile`` does."""
        with _missing_told():
            content = self._context.files.open(ref_of(self._known(fileStoreID)))
        with content as stream:
            yield as_text(stream, encoding, errors)

    def getGlobalFileSize(self, fileStoreID: str) -> int:
        """The size in bytes."""
        return ref_of(self._known(fileStoreID)).size

    def deleteLocalFile(self, fileStoreID: str) -> None:
        """Remove this job's local copies of a file. Raises ``OSError`` (``ENOENT``) if there are none."""
        paths = self._local.pop(str(fileStoreID), [])
        if not paths:
            raise OSError(errno.ENOENT, "There is no local copy of the file", str(fileStoreID))
        for path in paths:
            path.unlink(missing_ok=True)

    def deleteGlobalFile(self, fileStoreID: str) -> None:
        """Say that a file is no longer wanted: local copies go now, and the job can read it no more; it itself
        goes when the job has succeeded."""
        if str(fileStoreID) in self._local:
            self.deleteLocalFile(fileStoreID)
        self._context.files.delete(ref_of(self._known(fileStoreID)))

    @property
    def jobStore(self) -> AbstractJobStore:
        """The run's job store, for what is kept in it by name."""
        return AbstractJobStore(None, lambda: self._context.files)

    @overload
    def import_file(self, src_uri: str, shared_file_name: None = None, symlink: bool = True) -> FileID: ...
    @overload
    def import_file(self, src_uri: str, shared_file_name: str, symlink: bool = True) -> None: ...
    def import_file(self, src_uri: str, shared_file_name: str | None = None, symlink: bool = True) -> FileID | None:
        """The content of a path or any URL that an installed plugin reads; with ``shared_file_name`` it is
        kept by that name, for ``jobStore.read_shared_file_stream``, and has no id."""
        return self.jobStore.import_file(src_uri, shared_file_name, symlink=symlink)

    def export_file(self, jobStoreFileID: str, dstUrl: str) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._context.files.export(ref_of(self._known(jobStoreFileID)), os.fspath(dstUrl))

    @overload
    def importFile(self, srcUrl: str, sharedFileName: None = None, symlink: bool = True) -> FileID: ...
    @overload
    def importFile(self, srcUrl: str, sharedFileName: str, symlink: bool = True) -> None: ...
    def importFile(self, srcUrl: str, sharedFileName: str | None = None, symlink: bool = True) -> FileID | None:
        """``import_file`` by its older name."""
        return self.import_file(srcUrl, sharedFileName, symlink)

    def exportFile(self, jobStoreFileID: str, dstUrl: str) -> None:
        """``export_file`` by its older name."""
        self.export_file(jobStoreFileID, dstUrl)

    def log_to_leader(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line, once the job has succeeded."""
        self._context.log(text, level)

    def logToMaster(self, text: str, level: int = logging.INFO) -> None:
        """``log_to_leader`` by its older name."""
        self.log_to_leader(text, level)

    def log_user_stream(self, name: str, stream: IO[bytes]) -> None:
        """Have the leader log the lines of a stream of UTF-8 text under a name."""
        for line in stream:
            self._context.log(f"{name}: {line.decode(errors='replace').rstrip()}")

    def get_disk_usage(self) -> int:
        """Bytes of disk that this job's own files take now."""
        return disk_usage(self._context.work_dir)

    def startCommit(self, jobState: bool = False) -> None:
        """Nothing is to be begun: what a job wrote becomes part of the run when the job has succeeded."""

    def waitForCommit(self) -> bool:
        """Whether all is written that was begun, which it always is."""
        return True

    def _known(self, file: str) -> str:
        return self._streams.get(str(file), file)


@contextmanager
def _missing_told() -> Iterator[None]:
    try:
        yield
    except NoSuchObject as error:
        raise NothingStored(error.message, error.cure) from error


def _link_hard(path: Path) -> None:
    """Put what a symbolic link leads to in its place: a container would not see where that is."""
    target = path.resolve()
    path.unlink()
    link_or_copy(str(target), str(path))
    if not path.samefile(target):
        path.chmod(target.stat().st_mode & 0o777)
