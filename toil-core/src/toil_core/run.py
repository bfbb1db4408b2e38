"""Running a Python workflow: the context manager that takes its root job to its value.

::

    with Run(job_store="./store") as run:
        reads = run.import_file("reads.fq")
        result = run.start(align(reads))
        run.export_file(result, "aligned.bam")
"""

from __future__ import annotations

import logging
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from toil_core.cli.stopping import StopSignals
from toil_core.engine.policy import Policy
from toil_core.engine.session import Hooks, Session
from toil_core.engine.settings import Clean, RunSettings
from toil_core.errors import UsageError
from toil_core.model.event import Event, EventKind
from toil_core.model.file import FileRef
from toil_core.model.requirements import Resources
from toil_core.model.units import parse_bytes
from toil_core.plugins.manager import PluginManager
from toil_core.workflow.job import Job
from toil_core.workflow.program import PythonProgram
from toil_core.workflow.script import stop_if_loading

if TYPE_CHECKING:
    from typing_extensions import Unpack

R = TypeVar("R")

_log = logging.getLogger("toil")
_LEVELS = {
    EventKind.MESSAGE: logging.INFO,
    EventKind.ATTEMPT_FAILED: logging.WARNING,
    EventKind.STALLED: logging.WARNING,
    EventKind.JOB_FAILED: logging.ERROR,
}


class RunKeywords(TypedDict, total=False):
    """The options of a run that is started from code, each named like its command-line flag.

    ``job_store``: where the run is kept; by default a temporary place. ``work_dir``: the folder for
    what jobs write on this machine. ``restart``: go on with the run in the job store.
    ``clean``: when the job store is removed: ``always``, ``on-success``, ``on-error``, ``never``.
    ``retry_count``: tries after the first that failed. ``default_cores``, ``default_memory`` and
    ``default_disk`` count for jobs that do not say. ``write_logs``: a folder for logs of failed jobs.
    """

    job_store: str | Path
    work_dir: str | Path
    restart: bool
    clean: str
    batch_system: str
    retry_count: int
    default_cores: float
    default_memory: int | str
    default_disk: int | str
    double_memory: bool
    stop_on_first_failure: bool
    write_logs: str | Path


class Run:
    """One run, from entering to leaving. Used by the main thread of a process that has no other:
    workers are forked from it, and Ctrl-C stops it cleanly.

    On leaving, the job store is removed as ``clean`` says; by default, if the run succeeded. Events
    go to ``observe``; by default to the logger ``toil``.
    """

    def __init__(
        self,
        settings: RunSettings | None = None,
        *,
        observe: Callable[[Event], None] | None = None,
        **keywords: Unpack[RunKeywords],
    ) -> None:
        """Raises ``UsageError`` for options that make no sense. Nothing is touched yet."""
        stop_if_loading()
        if settings is not None and keywords:
            raise UsageError("options were given twice", "Give settings or keywords")
        self._plugins = PluginManager.load()
        self._settings = settings or _settings(self._plugins, keywords)
        self._observe = observe or log_event
        self._signals = StopSignals()
        self._session = Session(self._plugins, self._settings, Hooks(self._tell, self._signals.route))
        self._entered = ExitStack()

    def __enter__(self) -> Run:
        self._entered.enter_context(self._session)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._entered.__exit__(kind, error, trace)

    @property
    def is_restart(self) -> bool:
        """Whether this goes on with an earlier run."""
        return self._settings.restart

    def start(self, root: Job[R]) -> R:
        """Run a workflow and return its root's value; on a restart, go on with the one that was begun.

        Raises ``UsageError`` for an illegal graph before anything runs; ``RunFailed``, with the
        failed jobs and their logs' tails; ``Interrupted``; and what the job store raises.
        """
        return cast("R", self._value(PythonProgram(root)))

    def restart(self) -> Any:
        """Go on with the run in the job store; the root's value. Raises as ``start`` does."""
        if not self.is_restart:
            raise UsageError("this run is new, there is nothing to go on with", "Say restart=True, or use start()")
        return self._value(PythonProgram(None))

    def import_file(self, url: str | Path) -> FileRef:
        """A file for jobs to read, from a path or any URL that an installed plugin reads.

        Local files are not copied: they must stay as they are until the run has ended.
        """
        return self._session.files.import_url(_as_url(url))

    def export_file(self, ref: FileRef, url: str | Path) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._session.files.export(ref, _as_url(url))

    def _value(self, program: PythonProgram) -> Any:
        with ExitStack() as stack:
            if threading.current_thread() is threading.main_thread():
                stack.enter_context(self._signals)
            self._session.lead(program)
        return program.value

    def _tell(self, event: Event) -> None:
        self._observe(event)
        self._plugins.event(event)


def log_event(event: Event) -> None:
    """Log what a person wants to know of an event with the logger ``toil``."""
    level = _LEVELS.get(event.kind)
    if level is not None:
        _log.log(level, "%s: %s", event.name or event.kind.value, event.text)


def _settings(plugins: PluginManager, keywords: RunKeywords) -> RunSettings:
    unknown = set(keywords) - set(RunKeywords.__annotations__)
    if unknown:
        raise UsageError(f"not an option of a run: {', '.join(sorted(unknown))}")
    work_dir = Path(keywords.get("work_dir") or tempfile.gettempdir()).absolute()
    locator = str(keywords.get("job_store") or f"file:{work_dir}/toil-{uuid.uuid4().hex}")
    batch_system = keywords.get("batch_system", "single_machine")
    batch_options = plugins.batch_system(batch_system).options
    store_options = plugins.storage(locator)[0].options
    logs = keywords.get("write_logs")
    try:
        clean = Clean(keywords.get("clean", Clean.ON_SUCCESS.value))
        policy = _policy(keywords)
    except ValueError as error:
        raise UsageError(f"an option of the run makes no sense: {error}") from error
    return RunSettings(
        locator=locator,
        work_dir=work_dir,
        restart=keywords.get("restart", False),
        clean=clean,
        batch_system=batch_system,
        batch_options=batch_options() if batch_options else None,
        store_options=store_options() if store_options else None,
        policy=policy,
        write_logs=Path(logs) if logs else None,
    )


def _policy(keywords: RunKeywords) -> Policy:
    usual = Resources()
    return Policy(
        retries=keywords.get("retry_count", Policy().retries),
        defaults=Resources(
            cores=keywords.get("default_cores", usual.cores),
            memory=parse_bytes(keywords.get("default_memory", usual.memory)),
            disk=parse_bytes(keywords.get("default_disk", usual.disk)),
        ),
        double_memory=keywords.get("double_memory", False),
        stop_on_first_failure=keywords.get("stop_on_first_failure", False),
    )


def _as_url(place: str | Path) -> str:
    text = str(place)
    return text if "://" in text else Path(text).absolute().as_uri()
