"""A run of a workflow, as a context manager."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from toil.carrier import carrier_of
from toil.exceptions import (
    Absent,
    FailedJobsException,
    JobGraphDeadlockException,
    ToilContextManagerException,
    ToilRestartException,
    absent_from,
    not_there,
)
from toil.fileStores.fileID import FileID, ref_of
from toil.options import keywords_of_run, prepare
from toil_core.errors import IllegalGraph, Interrupted, RunFailed
from toil_core.run import Run
from toil_core.workflow.script import stop_if_loading

__all__ = ["Toil", "ToilContextManagerException", "ToilRestartException"]


_STORES = "Use importFile and exportFile, and the commands toil status and toil clean"
_PARSERS = "Use Job.Runner.getDefaultArgumentParser or Job.Runner.addToilOptions"
_FILES = "Use the command: toil config FILE"
_PLACES = "Jobs have job.tempDir; --workDir says where that is made"


class Toil:
    """One run, from entering to leaving; ``options`` come from a parser of ``Job.Runner`` and may be changed.

    On leaving, the job store is removed as ``options.clean`` says.
    """

    def __init__(self, options: Namespace, workflow_name: str | None = None, trs_spec: str | None = None) -> None:
        stop_if_loading()
        self.options = options
        self._run: Run | None = None

    def __enter__(self) -> Toil:
        prepare(self.options)
        run = Run(**keywords_of_run(self.options))
        self._run = run.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._run is not None:
            self._run.__exit__(kind, error, trace)
            self._run = None

    def start(self, rootJob: Any) -> Any:
        """Run a workflow; the root job's value.

        Raises ``FailedJobsException`` with the failed jobs, ``ToilRestartException`` if the options
        say ``restart``, and ``JobGraphDeadlockException`` for a graph that could never finish.
        """
        run = self._entered()
        if run.is_restart:
            raise ToilRestartException("this goes on with an earlier run", "Call restart() if options.restart is true")
        return self._value(lambda: run.start(carrier_of(rootJob)))

    def restart(self) -> Any:
        """Go on with the run in the job store; the root job's value. Raises as ``start`` does."""
        run = self._entered()
        if not run.is_restart:
            raise ToilRestartException("this is a new run", "Call start(), or say --restart")
        return self._value(run.restart)

    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, symlink: bool = True, check_existence: bool = True
    ) -> FileID:
        """A file for jobs to read, from a path or any URL that an installed plugin reads. A local
        file must stay as it is until the run has ended."""
        if shared_file_name is not None:
            raise not_there("shared files", "Import the file without a shared name, and hand its id to jobs")
        return FileID.of(self._entered().import_file(os.fspath(src_uri)))

    def export_file(self, file_id: str, dst_uri: str) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._entered().export_file(ref_of(file_id), os.fspath(dst_uri))

    def importFile(self, srcUrl: str, sharedFileName: str | None = None, symlink: bool = True) -> FileID:
        """``import_file`` by its older name."""
        return self.import_file(srcUrl, sharedFileName, symlink)

    def exportFile(self, jobStoreFileID: str, dstUrl: str) -> None:
        """``export_file`` by its older name."""
        self.export_file(jobStoreFileID, dstUrl)

    def url_exists(self, src_uri: str) -> bool:
        """Whether something is at a path or a URL that an installed plugin reads."""
        return self._entered().url_exists(os.fspath(src_uri))

    @staticmethod
    def normalize_uri(uri: str, check_existence: bool = False, dir_path: str | None = None) -> str:
        """A path as a URL, a URL as it is; a relative path is one of ``dir_path``.

        Raises ``FileNotFoundError`` for a path where nothing is, if that is to be checked.
        """
        if "://" in uri or uri.startswith("file:"):
            return uri
        path = os.path.abspath(os.path.join(dir_path or "", uri))
        if check_existence and not os.path.exists(path):
            raise FileNotFoundError(path)
        return Path(path).as_uri()

    @staticmethod
    def parseLocator(locator: str) -> tuple[str, str]:
        """The kind of a job store and what it is called there; a plain path is a ``file``."""
        kind, colon, rest = locator.partition(":")
        return (kind, rest) if colon and "/" not in kind else ("file", locator)

    @staticmethod
    def buildLocator(name: str, rest: str) -> str:
        """The locator of a job store."""
        return f"{name}:{rest}"

    def _entered(self) -> Run:
        if self._run is None:
            raise ToilContextManagerException("the run has not been entered", "Write: with Toil(options) as toil:")
        return self._run

    def _value(self, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except IllegalGraph as error:
            raise JobGraphDeadlockException(error.message, error.cure) from error
        except Interrupted as error:
            error.cure = f"Go on from here with: --restart {self.options.jobStore or ''}".rstrip()
            raise
        except RunFailed as error:
            raise FailedJobsException(str(self.options.jobStore or ""), error) from error

    getJobStore = Absent(_STORES)
    resumeJobStore = Absent(_STORES)
    createBatchSystem = Absent("Write a plugin with toil_core.api.batch_system, and name it by --batchSystem")
    getToilWorkDir = Absent(_PLACES)
    getLocalWorkflowDir = Absent(_PLACES)
    get_local_workflow_coordination_dir = Absent(_PLACES)


if not TYPE_CHECKING:  # or every name would pass for one of this module
    __getattr__ = absent_from(
        __name__,
        {
            **dict.fromkeys(("Config", "addOptions", "parser_with_common_options"), _PARSERS),
            **dict.fromkeys(("generate_config", "update_config"), _FILES),
        },
    )
