"""Whole logs of attempts as files that people can open."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tempfile
from io import BufferedWriter
from pathlib import Path

from toil_core.api.job import FileAccess
from toil_core.errors import FailedJob, StorageError, UsageError
from toil_core.model.ids import JobId
from toil_core.model.outcome import Failure, Outcome

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def make_log_folder(folder: Path) -> None:
    """Have the folder that a person wants logs in, before anything runs. Raises ``UsageError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(dir=folder))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"Logs cannot be kept in {folder}: {reason}", "Name another by --write-logs") from error


class LogKeeper:
    """Writes logs to a folder, made when the first one comes, and remembers them for the report.
    ``compress``: by gzip."""

    def __init__(self, files: FileAccess, folder: Path, *, compress: bool = False) -> None:
        self._files = files
        self._folder = folder
        self._compress = compress
        self._kept: dict[JobId, tuple[str, str]] = {}

    def keep(self, name: str, outcome: Outcome, printed: str = "") -> None:
        """Keep the log of an accepted attempt if it has one in the store, or as the file ``printed`` here, which
        goes, and what there is of a failed one."""
        log, path = outcome.log, ""
        if log.file is not None or printed:
            target = (
                self._folder / f"{_UNSAFE.sub('_', name)[:100]}-{outcome.attempt}.log{'.gz' if self._compress else ''}"
            )
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                with (
                    self._files.open(log.file) if log.file else open(printed, "rb") as source,
                    self._new(target) as out,
                ):
                    shutil.copyfileobj(source, out)
            except OSError as error:
                raise StorageError(f"Cannot write the log {target}: {error.strerror}") from error
            path = str(target)
            if printed:
                Path(printed).unlink(missing_ok=True)
        if outcome.failure is not None:
            self._kept[outcome.job] = (log.tail, path)

    def _new(self, target: Path) -> gzip.GzipFile | BufferedWriter:
        return gzip.open(target, "wb") if self._compress else target.open("wb")

    def failed_job(self, job: JobId, name: str, failure: Failure) -> FailedJob:
        """The facts of a failed job with its last attempt's log."""
        tail, path = self._kept.get(job, ("", ""))
        return FailedJob(name, failure.message, failure.command, failure.exit_status, tail, path)
