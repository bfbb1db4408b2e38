"""Running a program from a command line: what a person sees of it, and how it is stopped."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from rich.console import Console

from toil_core.api.language import Program
from toil_core.cli.progress import Progress
from toil_core.config.reading import Options
from toil_core.config.run_options import LogOptions
from toil_core.engine.chosen import run_settings
from toil_core.engine.events_file import EventsFile
from toil_core.engine.session import Hooks, Session
from toil_core.engine.stopping import StopSignals
from toil_core.errors import UsageError
from toil_core.model.event import Event, EventKind
from toil_core.plugins.manager import PluginManager

_log = logging.getLogger("toil")

_LEVELS = {
    EventKind.MESSAGE: logging.INFO,
    EventKind.ATTEMPT_FAILED: logging.WARNING,
    EventKind.STALLED: logging.WARNING,
    EventKind.JOB_FAILED: logging.ERROR,
}


def run_program(program: Program, options: Options, plugins: PluginManager) -> Any:
    """Run a program as the options say; what it concludes with.

    Raises ``RunFailed``, ``Interrupted``, and everything else that ``Session.run`` raises. The process
    must have one thread, and this must be the main one.
    """
    settings = run_settings(options, plugins)
    logs = options.get(LogOptions)
    with ExitStack() as stack:
        _set_up_logging(logs)
        observers: list[Callable[[Event], None]] = [_log_event, plugins.event]
        if logs.write_events is not None:
            events = EventsFile(logs.write_events)
            stack.callback(events.close)
            observers.append(events.observe)
        signals = stack.enter_context(StopSignals())
        hooks = Hooks(lambda event: _tell(observers, event), signals.route)
        session = Session(plugins, settings, hooks)
        if sys.stderr.isatty() and not logs.disable_progress:
            observers.append(_progress(stack))
        _log.info("%s in %s", "Going on with the run" if settings.restart else "Running", settings.locator)
        return session.run(program)


def _tell(observers: list[Callable[[Event], None]], event: Event) -> None:
    for observe in observers:
        observe(event)


def _log_event(event: Event) -> None:
    level = _LEVELS.get(event.kind)
    if level is not None:
        _log.log(level, "%s: %s", event.name or "toil", event.text)
    elif event.kind is EventKind.RUN_STARTED and event.text:
        _log.info("%s", event.text)


def _progress(stack: ExitStack) -> Callable[[Event], None]:
    return stack.enter_context(Progress(Console(stderr=True))).observe


def _set_up_logging(options: LogOptions) -> None:
    root = logging.getLogger("toil")
    root.setLevel(options.log_level.value.upper())
    root.propagate = False
    root.handlers.clear()
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if options.log_file is not None:
        try:
            handlers.append(logging.FileHandler(options.log_file))
        except OSError as error:
            raise UsageError(f"Cannot write the log to {options.log_file}: {error.strerror}") from error
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
        root.addHandler(handler)
