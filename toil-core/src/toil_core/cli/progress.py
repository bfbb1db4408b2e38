"""The progress line on a terminal: done, running, waiting, failed, and how long it may still take."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from toil_core.model.event import Event, EventKind
from toil_core.model.ids import AttemptId
from toil_core.model.units import format_seconds

_REFRESH_SECONDS = 0.1


class Progress:
    """One line that is redrawn when something happened, at most ten times a second; gone at the end.

    ``console`` is a terminal; ``clock`` tells seconds. A context manager; told of events by one thread.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        # Else what a program prints for a file or another program would go to the terminal, too.
        is_shown = sys.stdout is not None and sys.stdout.isatty()
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=is_shown)
        self._clock = clock
        self._began = clock()
        self._drawn = 0.0
        self._timer: threading.Timer | None = None
        self._added = self._done = self._reused = self._failed = 0
        self._issued: set[AttemptId] = set()
        self._running: set[AttemptId] = set()
        self._tells_starts = False
        self._note = ""

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._live.update(Text(""), refresh=True)
        self._live.stop()

    def observe(self, event: Event) -> None:
        """Count an event."""
        self._count(event)
        if self._timer is not None and self._timer.is_alive():
            return
        wait = self._drawn + _REFRESH_SECONDS - self._clock()
        if wait <= 0:
            self._draw()
        else:  # what happened last must be shown also if nothing follows it soon
            self._timer = threading.Timer(wait, self._draw)
            self._timer.daemon = True
            self._timer.start()

    def line(self) -> str:
        """What the line says now."""
        active = self._running if self._tells_starts else self._issued
        left = self._added - self._done - self._failed
        parts = [
            f"{self._done} done{f', {self._reused} of them reused' if self._reused else ''}",
            f"{len(active)} {'running' if self._tells_starts else 'issued'}",
            f"{max(left - len(active), 0)} waiting",
        ]
        if self._failed:
            parts.append(f"{self._failed} failed")
        if self._done and left > 0:
            # What was only taken tells nothing of how long the rest takes, unless there is nothing else to go by.
            seconds = (self._clock() - self._began) / (self._done - self._reused or self._done) * left
            parts.append(f"about {format_seconds(seconds)} left")
        if self._note:
            parts.append(self._note)
        return " · ".join(parts)

    def _count(self, event: Event) -> None:
        kind, attempt = event.kind, event.attempt
        if kind is EventKind.JOB_ADDED:
            self._added += 1
        elif kind is EventKind.JOB_ISSUED and attempt is not None:
            self._issued.add(attempt)
            self._note = ""
        elif kind is EventKind.JOB_STARTED and attempt is not None:
            self._tells_starts = True
            self._running.add(attempt)
        elif kind is EventKind.STALLED:
            self._note = event.text
        elif kind in (EventKind.JOB_SUCCEEDED, EventKind.JOB_REUSED):
            self._done += 1
            self._reused += kind is EventKind.JOB_REUSED
        elif kind is EventKind.JOB_FAILED:
            self._failed += 1
        if kind in (EventKind.JOB_SUCCEEDED, EventKind.JOB_REUSED, EventKind.ATTEMPT_FAILED) and attempt is not None:
            self._issued.discard(attempt)
            self._running.discard(attempt)

    def _draw(self) -> None:
        self._drawn = self._clock()
        self._live.update(Text(self.line(), no_wrap=True, overflow="ellipsis"), refresh=True)
