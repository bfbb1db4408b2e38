"""One run from its locator to its result: make or take over the store, lead, conclude, clean up."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from toil_core.api.batch_system import BatchSetup
from toil_core.api.language import Program
from toil_core.engine.announce import stored_files
from toil_core.engine.channel import Channel
from toil_core.engine.leader import Crew, Happening, Leader, StopRequested
from toil_core.engine.logs import LogKeeper, make_log_folder
from toil_core.engine.recovery import take_over, this_leader
from toil_core.engine.settings import Clean, RunSettings
from toil_core.engine.state import State
from toil_core.engine.values import RunValues
from toil_core.engine.work_dir import make_work_dir
from toil_core.errors import Interrupted, RunFailed, StorageError, ToilError, UsageError
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.model.deployment import CODE
from toil_core.model.event import Event
from toil_core.model.ids import AttemptId, RunId
from toil_core.model.outcome import FailureKind
from toil_core.model.record import JobsAdded
from toil_core.model.wire import encode_record
from toil_core.plugins.manager import PluginManager
from toil_core.store.job_store import JobStore
from toil_core.store.journal import Journal, fenced
from toil_core.system.hardware import cores
from toil_core.system.processes import hold_standard_streams
from toil_core.system.removal import remove_tree
from toil_core.worker.local_host import LocalHost
from toil_core.worker.settings import HostSettings


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a session tells the program around it. ``stoppable`` is handed the function that asks the
    leader to stop while there is one, and ``None`` before and afterwards."""

    observe: Callable[[Event], None]
    stoppable: Callable[[Callable[[], None] | None], None]


def open_store(plugins: PluginManager, locator: str, options: Mapping[type[Any], Any] | None = None) -> JobStore:
    """The job store a locator names, with its own of the ``options``, by class; nothing is touched yet.

    Raises ``UnknownPlugin``.
    """
    spec, rest = plugins.storage(locator)
    own = None if spec.options is None else (options or {}).get(spec.options)
    return JobStore(spec.load()(rest, own), locator, appends=spec.appends)


_log = logging.getLogger("toil")

_IF_FAILED = frozenset({Clean.ALWAYS, Clean.ON_ERROR})


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a session works with from its beginning to its end."""

    run: RunId
    work_dir: Path
    node: NodeFiles
    files: JobFiles


class Session:
    """A run under way. Used by one thread, which must be the only one of its process until the
    program was led: workers are forked from it.

    A context manager: the job store is there, and ``files`` can be used, from entering to leaving.
    On leaving, the store is removed as ``clean`` says once the run was led to an end, where any error that
    leaves the block counts as one of the run; and always if it was made here and nothing was begun in it. If it
    cannot be removed, a warning says so.
    """

    def __init__(self, plugins: PluginManager, settings: RunSettings, hooks: Hooks) -> None:
        hold_standard_streams()
        self._plugins = plugins
        self._settings = settings
        self._hooks = hooks
        self._batch_spec = plugins.batch_system(settings.batch_system)
        self._store = open_store(plugins, settings.locator, settings.options)
        self._opened: _Desk | None = None
        self._is_begun = settings.restart
        self._is_led = False
        self._found: set[str] = set()
        self._found_code: set[str] = set()
        self._clean_if: frozenset[Clean] = frozenset()

    def run(self, program: Program) -> Any:
        """Enter, lead, leave: the whole session for a caller that needs no files before or after."""
        with self:
            return self.lead(program)

    def __enter__(self) -> Session:
        run = self._enter()
        work_dir = make_work_dir(self._settings.work_dir, run)
        urls = Urls(lambda url: self._plugins.open_url(url, self._settings.options))
        cache = work_dir / "cache"
        writer = f"leader-{uuid.uuid4()}"
        node = NodeFiles(
            self._store.storage,
            appends=self._store.appends,
            cache_dir=cache,
            writer=writer,
            urls=urls,
            shares_files=self._batch_spec.shares_files,
        )
        self._is_led = False
        self._opened = _Desk(run, work_dir, node, JobFiles(node, AttemptId("leader"), work_dir))
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        remove_tree(self._desk.work_dir)
        is_told = error is None or isinstance(error, RunFailed)
        # What the program did with the results of a run is part of it: an error there is one of the run.
        clean_if = self._clean_if if is_told or not self._clean_if else _IF_FAILED
        if not self._is_begun or self._settings.clean in clean_if:
            self._remove_store()
        self._opened = None

    def _remove_store(self) -> None:
        try:
            self._store.destroy()
        except StorageError as error:
            # What the run came to, or why it failed, is worth more than that.
            _log.warning("%s. The run has ended; later: toil clean %s", error, self._settings.locator)

    @property
    def run_id(self) -> RunId:
        """The run's id."""
        return self._desk.run

    @property
    def files(self) -> JobFiles:
        """The run's files, for imports before and exports after the program was led."""
        return self._desk.files

    def lead(self, program: Program) -> Any:
        """Run the program, or with ``restart`` go on with it; what ``Program.conclude`` returns.

        Raises ``RunFailed`` with the jobs that failed, ``Interrupted``, ``Fenced``, and what the job
        store, the batch system or the program raise.
        """
        run, succeeded = str(self._desk.run), False
        self._plugins.run_started(run, self._settings.locator)
        try:
            result = self._lead(program, self._desk)
            succeeded = True
        except RunFailed:
            self._clean_if = _IF_FAILED
            raise
        finally:
            self._plugins.run_finished(run, succeeded)
        self._clean_if = frozenset({Clean.ALWAYS, Clean.ON_SUCCESS})
        return result

    @property
    def _desk(self) -> _Desk:
        if self._opened is None:
            raise UsageError(
                "this run has not been entered, or has been left", "Use it inside the block of: with Run(...) as run:"
            )
        return self._opened

    def _enter(self) -> RunId:
        if self._settings.write_logs is not None:
            make_log_folder(self._settings.write_logs)
        if self._settings.restart:
            run = self._store.open()
            self._found = self._store.contents()
            self._found_code = set(self._store.storage.list(CODE))
            return run
        return self._store.create()

    def _lead(self, program: Program, desk: _Desk) -> Any:
        self._hooks.stoppable(None)
        spec = self._batch_spec
        batch = spec.load()(self._settings.batch_options)
        run, work_dir, files = desk.run, desk.work_dir, desk.files
        journal = Journal(self._store)
        code = self._send_code(program)
        jobs, state = self._begin(program, run, journal, desk.node, files)
        deployment = next(iter(code), "")
        if deployment:
            self._store.put_deployment(state.epoch, deployment)
        self._store.collect_garbage(self._found_code, set(code))
        keep_logs = self._settings.write_all_logs
        queue: SimpleQueue[Happening] = SimpleQueue()
        is_local = spec.returns_outcomes and spec.shares_files
        channel = Channel(queue.put, is_local=is_local)
        locator, options = self._settings.locator, self._settings.options
        told = HostSettings(
            locator,
            work_dir,
            str(run),
            keep_logs=keep_logs,
            shares_files=spec.shares_files,
            shares_processes=self._settings.shares_processes,
            channel=channel.address,
            options=options,
        )
        host = LocalHost.start(told, not_for_host=(channel.server,))
        try:
            channel.start()
            if not is_local:
                self._store.put_channel(state.epoch, channel.address)
            batch.start(BatchSetup(str(run), self._settings.locator, work_dir, host), queue.put)
            kept = self._settings.write_logs or self._settings.work_dir / f"toil-logs-{run[:8]}"
            logs = LogKeeper(files, kept, compress=self._settings.compress_logs)
            beside = max(2, round(cores()))
            crew = Crew(batch, spec.returns_outcomes, host, self._settings.max_active, beside, channel, deployment)
            leader = Leader(self._store, journal, state, crew, queue, self._hooks.observe, logs.keep)
            self._hooks.stoppable(lambda: queue.put(StopRequested()))
            succeeded = leader.drive(jobs)
        finally:
            self._hooks.stoppable(None)
            batch.shutdown()
            host.close()
            channel.close()
        if leader.is_interrupted:
            raise Interrupted("The run was stopped; what finished is kept", self._resume_hint())
        if not succeeded:
            raise self._failure(state, logs)
        return self._conclude(program, state, files)

    def _send_code(self, program: Program) -> Sequence[str]:
        if self._batch_spec.shares_files or not self._settings.auto_deployment:
            return ()
        return program.deploy(self._store.storage)

    def _begin(
        self, program: Program, run: RunId, journal: Journal, node: NodeFiles, files: JobFiles
    ) -> tuple[JobsAdded | None, State]:
        """The jobs of a new run, journaled, or ``None`` for one that was taken over; and the state."""
        if self._is_led:
            raise UsageError("this run has been started already", "Make another Run for another workflow")
        if not self._settings.restart:
            jobs = self._new_jobs(program, node, files)
            state = State(self._settings.policy)
            lead = this_leader(run, 1)
            journal.read()
            self._is_begun = self._is_led = True
            if journal.take(lead, jobs):
                raise fenced(self._settings.locator)
            state.replay(lead)
            return jobs, state
        self._is_led = True
        state = take_over(journal, run, self._settings.policy)
        self._store.collect_garbage(self._found, state.kept_objects() | self._promised_objects())
        if state.root is not None and program.goes_on(state.origin):
            program.preload()
            begun = {job: node.description.name for job, node in state.jobs.items() if node.maker is None}
            state.revise(program.revision(begun))
            return None, state
        # Else the leader before us did not come so far, or the program has been changed.
        jobs = self._new_jobs(program, node, files, anew=state.root is not None)
        if jobs.anew:
            self._store.forget_attempts(self._store.outcomes())
            self._store.forget_orders(state.epoch)
        journal.commit([encode_record(jobs)])
        return jobs, state

    def _new_jobs(self, program: Program, node: NodeFiles, files: JobFiles, anew: bool = False) -> JobsAdded:
        described = tuple(program.jobs(files))
        files.finish()
        node.sync()
        return JobsAdded(described, tuple(files.written), program.origin, anew)

    def _promised_objects(self) -> set[str]:
        """What committed attempts refer to that the journal does not know yet."""
        return {ref.key for outcome in self._store.outcomes() for ref in stored_files(outcome)}

    def _conclude(self, program: Program, state: State, files: JobFiles) -> Any:
        if state.root is None:
            return None
        values = RunValues(state.graph, files)
        files.gives_up = self._settings.clean in (Clean.ALWAYS, Clean.ON_SUCCESS)
        try:
            result = program.conclude(values[state.root], values, files)
        except ToilError as error:
            error.cure = ". ".join(filter(None, (error.cure, self._resume_hint())))
            raise
        if self._settings.clean not in (Clean.ALWAYS, Clean.ON_SUCCESS):
            self._store.collect_garbage(self._store.contents(), state.kept_objects())
        return result

    def _failure(self, state: State, logs: LogKeeper) -> RunFailed:
        jobs = [
            logs.failed_job(job, state.jobs[job].description.name, failure) for job, failure in state.failures.items()
        ]
        unsupported = any(failure.kind is FailureKind.UNSUPPORTED for failure in state.failures.values())
        plural = "job" if len(jobs) == 1 else "jobs"
        message = f"{len(jobs)} {plural} failed"
        return RunFailed(message, self._resume_hint(), jobs, 33 if unsupported else 1)

    def _resume_hint(self) -> str:
        if self._settings.clean is Clean.ALWAYS:
            return ""
        return f"Go on from here with: --restart --job-store {self._settings.locator}"
