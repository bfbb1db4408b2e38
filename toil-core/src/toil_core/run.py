"""Running a Python workflow: the context manager that takes its root job to its value.

::

    with Run(job_store="./store") as run:
        reads = run.import_file("reads.fq")
        result = run.start(align(reads))
        run.export_file(result, "aligned.bam")
"""

from __future__ import annotations

import argparse
import os
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar, cast
from urllib.parse import quote

from toil_core.api.job import FileAccess
from toil_core.cli.options import all_options, configuration_file
from toil_core.cli.telling import log_event, log_failed_jobs, telling
from toil_core.cli.uncaught import tell_uncaught
from toil_core.config.declared import Declared, declared
from toil_core.config.parser import add_options
from toil_core.config.reading import Options, Sources, read_options
from toil_core.config.run_options import RUN_OPTIONS, LogOptions
from toil_core.engine.chosen import absolute_locator, backend_options, run_settings
from toil_core.engine.session import Hooks, Session, open_store
from toil_core.engine.stopping import StopSignals
from toil_core.errors import RunFailed, UsageError
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls, as_url
from toil_core.model.event import Event
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, RunId
from toil_core.plugins.manager import PluginManager
from toil_core.workflow.job import Job
from toil_core.workflow.program import PythonProgram
from toil_core.workflow.script import stop_if_loading

__all__ = ["Run", "kept_files", "tell_uncaught"]

R = TypeVar("R")

_CONFIG = "toil_config_file"  # where argparse puts --config; long, so that it is nobody else's


class Run:
    """One run, from entering to leaving. Used by the main thread of a process that has no other:
    workers are forked from it, and Ctrl-C stops it cleanly.

    Options are those of the command line: keywords are named like flags (``job_store=...`` for
    ``--job-store``) and win over ``arguments``, which a parser with ``add_arguments`` has read;
    these over the environment (``TOIL_JOB_STORE``), and that over the file ``config``, by default
    ``~/.toil/config.yaml`` where there is one.

    On leaving, the job store is removed as ``clean`` says; by default, if the run succeeded. Events
    go to ``observe`` once they are durable; by default the logger ``toil`` tells of them, and of what failed
    at the end. ``also`` is told of events as well.

    An error of ours that the program does not catch ends it with one line, as it ends a command.
    """

    def __init__(
        self,
        arguments: argparse.Namespace | None = None,
        *,
        config: str | Path | None = None,
        observe: Callable[[Event], None] | None = None,
        also: Callable[[Event], None] | None = None,
        of_others: Collection[str] = (),
        **options: object,
    ) -> None:
        """``of_others`` are keys of the configuration file that are not for the run. Raises ``UsageError``
        for options that make no sense. Nothing is touched yet."""
        stop_if_loading()
        tell_uncaught()
        self._plugins = PluginManager.load()
        chosen = _options(_owners(), arguments, config, options, of_others=of_others)
        self._settings = run_settings(chosen, self._plugins)
        self._logging = chosen.get(LogOptions)
        self._observe = observe or log_event
        self._also = () if also is None else (also,)
        self._tell: Callable[[Event], None] = self._observe
        self._signals = StopSignals()
        hooks = Hooks(lambda event: self._tell(event), self._signals.route)
        self._session = Session(self._plugins, self._settings, hooks)
        self._entered = ExitStack()

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Give a script's parser the options of a run, those of installed plugins included."""
        parser.add_argument("--config", metavar="FILE", dest=_CONFIG, help="Read options from this YAML file.")
        add_options(parser, _owners())

    @staticmethod
    def options() -> Sequence[Declared]:
        """Every option of a run, those of installed plugins included."""
        return [option for owner in _owners() for option in declared(owner)]

    @staticmethod
    def resolved(
        config: str | Path | None = None,
        defaults: Mapping[str, str] | None = None,
        of_others: Collection[str] = (),
        **options: object,
    ) -> Mapping[str, Any]:
        """The values that a run with these options would have, by name, for a program with a parser
        of its own, and maybe with ``defaults`` of its own: they give way to the file and all else.

        Raises ``UsageError`` as making the run does.
        """
        chosen = _options(_owners(), None, config, options, defaults or {}, of_others)
        return {option.name: getattr(chosen.get(option.owner), option.name) for option in Run.options()}

    def __enter__(self) -> Run:
        with ExitStack() as stack:
            self._tell = stack.enter_context(telling(self._logging, self._observe, self._plugins.event, *self._also))
            stack.enter_context(self._session)
            self._entered = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered.__exit__(kind, error, trace)

    @property
    def id(self) -> RunId:
        """The run's id, the same after a restart."""
        return self._session.run_id

    @property
    def is_restart(self) -> bool:
        """Whether this goes on with an earlier run."""
        return self._settings.restart

    def start(self, root: Job[R]) -> R:
        """Run a workflow and return its root's value; on a restart, go on with the one that was begun.

        A run is of one workflow, whose jobs a restart finds in the job store. Raises ``UsageError`` if it has been
        started, and for an illegal graph before anything runs; ``RunFailed``, with the
        failed jobs and their logs' tails; ``Interrupted``; and what the job store raises.
        """
        return cast("R", self._value(PythonProgram(root)))

    def restart(self) -> Any:
        """Go on with the run in the job store; the root's value. Raises as ``start`` does."""
        if not self.is_restart:
            raise UsageError("this run is new, there is nothing to go on with", "Say restart=True, or use start()")
        return self._value(PythonProgram(None))

    @property
    def files(self) -> FileAccess:
        """The run's files, as jobs have them: to write, to read, to keep by name. To be used before the
        run was started and after it has ended."""
        return self._session.files

    def import_file(self, url: str | Path) -> FileRef:
        """A file for jobs to read, from a path or any URL that an installed plugin reads.

        Local files are not copied: they must stay as they are until the run has ended.
        """
        return self._session.files.import_url(str(url))

    def import_folder(self, url: str | Path) -> dict[str, FileRef]:
        """The files in and below a folder, by their names in it, such as ``below/a.txt``; as ``import_file``."""
        whole = as_url(str(url))
        # Only a web server's URL has a query: in a bucket, names may have question marks.
        above, mark, signature = whole.partition("?") if whole.startswith("http") else (whole, "", "")
        found: dict[str, FileRef] = {}
        for name in sorted(self._session.files.list_url(whole)):
            below = f"{above.rstrip('/')}/{quote(name)}{mark}{signature}"
            if name.endswith("/"):
                found |= {name + rest: ref for rest, ref in self.import_folder(below).items()}
            else:
                found[name] = self.import_file(below)
        return found

    def url_exists(self, url: str | Path) -> bool:
        """Whether something is at a path, or at any URL that an installed plugin reads."""
        return self._session.files.url_exists(str(url))

    def export_file(self, ref: FileRef, url: str | Path) -> None:
        """Write a file to a path or any URL that an installed plugin writes, atomically."""
        self._session.files.export(ref, str(url))

    def _value(self, program: PythonProgram) -> Any:
        with ExitStack() as stack:
            if threading.current_thread() is threading.main_thread():
                stack.enter_context(self._signals)
            try:
                self._session.lead(program)
            except RunFailed as error:
                if self._observe is log_event:
                    log_failed_jobs(error)
                raise
        return program.value


def kept_files(job_store: str, cache: Path) -> FileAccess:
    """The files of a run in a job store, for a program that does not lead it and only looks; ``cache`` is a
    folder for what has to be fetched.

    Raises ``NoSuchStore``, ``UnknownPlugin``, and what the job store raises.
    """
    plugins = PluginManager.load()
    store = open_store(plugins, absolute_locator(job_store))
    store.open()
    urls = Urls(lambda url: plugins.open_url(url, {}))
    name = f"visitor-{uuid.uuid4()}"
    node = NodeFiles(store.storage, appends=store.appends, cache_dir=cache, writer=name, urls=urls)
    return JobFiles(node, AttemptId(name), cache)


def _owners() -> Sequence[type[Any]]:
    return [*RUN_OPTIONS, *backend_options(PluginManager.load())]


def _options(
    owners: Sequence[type[Any]],
    arguments: argparse.Namespace | None,
    config: str | Path | None,
    keywords: dict[str, object],
    defaults: Mapping[str, str] = MappingProxyType({}),
    of_others: Collection[str] = (),
) -> Options:
    if not isinstance(arguments, argparse.Namespace | None):
        raise UsageError(f"a run's arguments are not those that a parser has read: {arguments!r}", "Say job_store=...")
    given = argparse.Namespace(**vars(arguments)) if arguments is not None else argparse.Namespace()
    by_name = {option.name: option for owner in owners for option in declared(owner)}
    for name, value in keywords.items():
        option = by_name.get(name)
        if option is None:
            raise UsageError(f"not an option of a run: {name}", f"Options are: {', '.join(sorted(by_name))}")
        if value is not None:
            setattr(given, option.dest, value.value if isinstance(value, Enum) else value)
    file = configuration_file(config or getattr(given, _CONFIG, None))
    of_front_ends = (
        ()
        if file is None
        else [option.name for owner in all_options(PluginManager.load()) for option in declared(owner)]
    )
    return read_options(owners, Sources(file, os.environ, given, defaults, [*of_front_ends, *of_others]))
