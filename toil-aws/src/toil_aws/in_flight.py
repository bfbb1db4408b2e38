"""How many bytes of parts this process may hold at once, whatever the number of its transfers."""

from __future__ import annotations

import os
import threading

BYTES = 128 * 1024**2


class InFlight:
    """Thread-safe. A transfer that holds nothing may always take one part, so that each goes on."""

    def __init__(self, limit: int = BYTES) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int, *, must: bool) -> bool:
        """Take so many bytes; with ``must`` in any case, else ``False`` if there is no room."""
        with self._lock:
            if not must and self._taken + count > self._limit:
                return False
            self._taken += count
            return True

    def give(self, count: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken -= count

    def forget(self) -> None:
        """In a forked process: what was taken is the parent's."""
        self._lock = threading.Lock()
        self._taken = 0


in_flight = InFlight()
os.register_at_fork(after_in_child=in_flight.forget)
