"""The progress line on a terminal: done, running, waiting, failed, and how long it may still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from toil_core.model.event import Event, EventKind
from toil_core.model.units import format_seconds

_REFRESH_SECONDS = 0.1


class Progress:
    """One line that is redrawn when something happens, at most ten times a second; gone at the end.

    ``console`` is a terminal; ``clock`` tells seconds. Used by one thread, as a context manager.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._clock = clock
        self._began = clock()
        self._drawn = 0.0
        self._added = self._done = self._failed = self._issued = 0
        self._note = ""

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def observe(self, event: Event) -> None:
        """Count an event."""
        kind = event.kind
        if kind is EventKind.JOB_ADDED:
            self._added += 1
        elif kind is EventKind.JOB_ISSUED:
            self._issued += 1
            self._note = ""
        elif kind in (EventKind.JOB_SUCCEEDED, EventKind.JOB_REUSED):
            self._done += 1
            self._issued -= 1
        elif kind is EventKind.ATTEMPT_FAILED:
            self._issued -= 1
        elif kind is EventKind.JOB_FAILED:
            self._failed += 1
        elif kind is EventKind.STALLED:
            self._note = event.text
        now = self._clock()
        if now - self._drawn >= _REFRESH_SECONDS:
            self._drawn = now
            self._live.update(Text(self.line(), no_wrap=True, overflow="ellipsis"), refresh=True)

    def line(self) -> str:
        """What the line says now."""
        running = max(self._issued, 0)
        waiting = max(self._added - self._done - self._failed - running, 0)
        parts = [f"{self._done} done", f"{running} issued", f"{waiting} waiting"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        left = self._added - self._done - self._failed
        if self._done and left > 0:
            seconds = (self._clock() - self._began) / self._done * left
            parts.append(f"about {format_seconds(seconds)} left")
        if self._note:
            parts.append(self._note)
        return " · ".join(parts)
