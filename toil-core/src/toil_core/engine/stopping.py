"""Ctrl-C and SIGTERM: once, the run stops cleanly; twice, at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Routes the signals to whoever can stop the run; used in the main thread, as a context manager."""

    def __init__(self) -> None:
        self._stop: Callable[[], None] | None = None
        self._previous: dict[int, object] = {}
        self._count = 0
        self._is_raised = False

    def __enter__(self) -> StopSignals:
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it is what signal() returned

    def route(self, stop: Callable[[], None] | None) -> None:
        """Have the signals call ``stop``; with ``None`` they interrupt the program as they always do.

        Python drops what is raised while it forks: if the program has come here all the same since it last
        gave ``None``, ``stop`` is called at once.
        """
        self._stop = stop
        was_raised, self._is_raised = self._is_raised, False
        if stop is not None and was_raised:
            stop()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._stop is None:
            self._is_raised = True
            raise KeyboardInterrupt
        self._count += 1
        if self._count == 1:
            text = b"\nStopping: running jobs are ended, what finished is kept. Again to stop at once.\n"
            os.write(sys.stderr.fileno(), text)
        self._stop()
