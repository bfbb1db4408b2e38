"""A run of a workflow, as a context manager."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, overload

from toil.batchSystems.registry import configured_by
from toil.bus import MessageBus, Translation
from toil.carrier import carrier_of
from toil.configuration import Config, addOptions, generate_config, parser_with_common_options, update_config
from toil.exceptions import (
    Absent,
    FailedJobsException,
    JobGraphDeadlockException,
    ToilContextManagerException,
    ToilRestartException,
)
from toil.fileStores.fileID import FileID, ref_of
from toil.jobStores.abstractJobStore import AbstractJobStore
from toil.options import in_documented_words, keywords_of_run, prepare, variables_of_jobs
from toil.statsAndLogging import show_script_log
from toil_core.errors import IllegalGraph, Interrupted, RunFailed, UsageError
from toil_core.run import Run, kept_files, tell_uncaught
from toil_core.workflow.script import stop_if_loading

__all__ = [
    "Config",
    "Toil",
    "ToilContextManagerException",
    "ToilRestartException",
    "addOptions",
    "generate_config",
    "parser_with_common_options",
    "update_config",
]


_PLACES = "Jobs have job.tempDir; --workDir says where that is made"


class Toil:
    """One run, from entering to leaving; ``options`` come from a parser of ``Job.Runner`` and may be changed.

    On leaving, the job store is removed as ``options.clean`` says.
    """

    def __init__(self, options: Namespace, workflow_name: str | None = None, trs_spec: str | None = None) -> None:
        stop_if_loading()
        tell_uncaught()
        self.options = options
        self._run: Run | None = None
        self._entered_with = ExitStack()

    def __enter__(self) -> Toil:
        try:
            self._enter()
        except UsageError as error:
            error.message, error.cure = in_documented_words(error.message), in_documented_words(error.cure)
            raise
        return self

    def _enter(self) -> None:
        prepare(self.options)
        configured_by(self._configuration)
        show_script_log(self.options)
        with ExitStack() as stack:
            stack.enter_context(variables_of_jobs(self.options))
            tell = None
            if messages := getattr(self.options, "write_messages", None):
                bus = MessageBus()
                stack.enter_context(bus.connect_output_file(messages))
                tell = Translation(bus).observe
            self._run = stack.enter_context(Run(also=tell, **keywords_of_run(self.options)))
            self._entered_with = stack.pop_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._run is not None:
            self._run = None
            self._entered_with.__exit__(kind, error, trace)

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

    @overload
    def import_file(
        self,
        src_uri: str,
        shared_file_name: None = None,
        symlink: bool = True,
        check_existence: Literal[True] = True,
    ) -> FileID: ...
    @overload
    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, symlink: bool = True, check_existence: bool = True
    ) -> FileID | None: ...
    def import_file(
        self, src_uri: str, shared_file_name: str | None = None, symlink: bool = True, check_existence: bool = True
    ) -> FileID | None:
        """A file for jobs to read, from a path or any URL that an installed plugin reads. A local file must
        stay as it is until the run has ended, but with ``symlink=False``, which copies it. With
        ``shared_file_name`` a copy is kept by that name, for ``fileStore.jobStore.read_shared_file_stream`` of
        jobs, and has no id; without ``check_existence`` there is no id for what is not there, else that raises
        ``FileNotFoundError``."""
        store = AbstractJobStore(None, lambda: self._entered().files)
        try:
            return store.import_file(os.fspath(src_uri), shared_file_name, symlink=symlink)
        except FileNotFoundError:
            if check_existence:
                raise
            return None

    def export_file(self, file_id: str, dst_uri: str) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._entered().export_file(ref_of(file_id), os.fspath(dst_uri))

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

    def url_exists(self, src_uri: str) -> bool:
        """Whether something is at a path or a URL that an installed plugin reads."""
        return self._entered().url_exists(os.fspath(src_uri))

    @property
    def config(self) -> Config:
        """The options of the run, and its ``workflowID``."""
        found = self._configuration()
        found.workflowID = str(self._entered().id)
        return found

    def _configuration(self) -> Config:
        found = Config()
        found.setOptions(self.options)
        return found

    @staticmethod
    def getJobStore(locator: str) -> AbstractJobStore:
        """The job store of a run that this process does not lead, to be looked at. It is opened when that
        is first done."""
        place = Toil.canonical_locator(locator)
        cache = tempfile.mkdtemp(prefix="toil-files-")
        found = AbstractJobStore(place, lambda: kept_files(place, Path(cache)))
        weakref.finalize(found, shutil.rmtree, cache, ignore_errors=True)
        return found

    @staticmethod
    def resumeJobStore(locator: str) -> AbstractJobStore:
        """``getJobStore``, opened. Raises ``NoSuchJobStoreException``."""
        store = Toil.getJobStore(locator)
        store.resume()
        return store

    @staticmethod
    def canonical_locator(locator: str, default_prefix: str = "file:") -> str:
        """A locator that says the kind of its store, and means the same in every directory."""
        named, colon, _ = locator.partition(":")
        kind, rest = Toil.parseLocator(locator if colon and "/" not in named else f"{default_prefix}{locator}")
        return Toil.buildLocator(kind, os.path.abspath(rest) if kind == "file" else rest)

    @staticmethod
    def getToilWorkDir(configWorkDir: str | None = None) -> str:
        """Where the directories of runs are made on this machine: the one that is named, else that of
        ``TOIL_WORKDIR``, else the one for temporary files. Raises ``UsageError`` if it is not there."""
        work_dir = os.path.abspath(configWorkDir or os.environ.get("TOIL_WORKDIR") or tempfile.gettempdir())
        if not os.path.isdir(work_dir):
            raise UsageError(f"The work directory {work_dir} is not there", "Make it, or name another by --workDir")
        return work_dir

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

    createBatchSystem = Absent("Write a plugin with toil_core.api.batch_system, and name it by --batchSystem")
    getLocalWorkflowDir = Absent(_PLACES)
    get_local_workflow_coordination_dir = Absent(_PLACES)
