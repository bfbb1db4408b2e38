"""What a person is told of a run while it goes on: the log, the event file, the progress line."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TextIO

from toil_core.cli.report import jobs_report
from toil_core.config.run_options import LogOptions
from toil_core.engine.events_file import EventsFile
from toil_core.errors import RunFailed, UsageError
from toil_core.model.event import Event, EventKind

if TYPE_CHECKING:  # what only a terminal needs; a worker host is forked with all that is loaded
    from toil_core.cli.progress import Progress

Observer = Callable[[Event], None]

_log = logging.getLogger("toil")


@contextmanager
def telling(options: LogOptions, *observers: Observer) -> Iterator[Observer]:
    """Log, write events and show progress as the options say; yields what is to be told every event.

    ``observers`` are told as well. With none of them, and no handler of the program's own, log lines
    go to stderr. Raises ``UsageError`` for a file that cannot be written.
    """
    told = [*observers]
    with ExitStack() as stack:
        if options.write_events is not None:
            events = EventsFile(options.write_events)
            stack.callback(events.close)
            told.append(events.observe)
        if sys.stderr.isatty() and not options.disable_progress:
            # Its display takes stderr over, so that log lines appear above it: the log starts later.
            told.append(stack.enter_context(_line_below()).observe)
        stack.callback(_start_log(options))

        def tell(event: Event) -> None:
            for observe in told:
                observe(event)

        yield tell


@contextmanager
def _line_below() -> Iterator[Progress]:
    """The progress line, while which all that this process writes, handlers of its own included, appears above.

    Processes forked from this one write where their descriptors lead, and what they write stays as it is.
    """
    terminal = sys.stdout, sys.stderr
    with _progress_line() as line:
        above = sys.stderr

        def give_back() -> None:
            sys.stdout, sys.stderr = terminal
            for handler in _handlers_to(above):
                handler.stream = terminal[1]  # without a flush: another thread may hold the lock of what is above

        for handler in _handlers_to(terminal[1]):
            handler.setStream(above)
        _in_children.append(give_back)
        try:
            yield line
        finally:
            _in_children.remove(give_back)
            for handler in _handlers_to(above):
                handler.setStream(terminal[1])


_in_children: list[Callable[[], None]] = []


def _after_fork() -> None:
    while _in_children:
        _in_children.pop()()


os.register_at_fork(after_in_child=_after_fork)


def _handlers_to(stream: TextIO) -> list[logging.StreamHandler[TextIO]]:
    handlers = {*logging.getLogger().handlers, *_log.handlers}
    return [one for one in handlers if isinstance(one, logging.StreamHandler) and one.stream is stream]


def _progress_line() -> Progress:
    from rich.console import Console

    from toil_core.cli.progress import Progress

    return Progress(Console(stderr=True))


def log_event(event: Event) -> None:
    """Tell of an event by the logger ``toil``, if a person wants to know of it."""
    name = event.name or "toil"
    if event.kind is EventKind.RUN_STARTED and event.text:
        _log.info("%s", event.text)
    elif event.kind is EventKind.MESSAGE:
        _log.log(event.level, "%s: %s", name, event.text)
    elif event.kind is EventKind.STALLED:
        _log.warning("%s: %s", name, event.text)
    elif event.kind is EventKind.ATTEMPT_FAILED and event.is_retried:
        _log.warning("%s: %s; it is tried again", name, event.text)
    elif event.kind is EventKind.JOB_FAILED:
        _log.error("%s: %s", name, event.text)


def log_failed_jobs(error: RunFailed) -> None:
    """Tell by the logger ``toil`` what the jobs of a failed run had to say, which an uncaught error does not show."""
    if error.jobs:
        _log.error("What failed:\n%s", jobs_report(error))


def _start_log(options: LogOptions) -> Callable[[], None]:
    """Log as the options say; returns the function that ends it. A program's own handlers stay."""
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handlers: list[logging.Handler] = [] if _log.hasHandlers() else [logging.StreamHandler()]
    if options.log_file is not None:
        try:
            handlers.append(logging.FileHandler(options.log_file))
        except OSError as error:
            raise UsageError(f"Cannot write the log to {options.log_file}: {error.strerror}") from error
    before = _log.level
    _log.setLevel(options.log_level.value.upper())
    for handler in handlers:
        handler.setFormatter(formatter)
        _log.addHandler(handler)

    def end() -> None:
        _log.setLevel(before)
        for handler in handlers:
            _log.removeHandler(handler)
            handler.close()

    return end
