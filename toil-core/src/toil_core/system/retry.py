"""Trying again what may succeed the next time: the only place that waits between tries.

The waits are those of "full jitter" (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
Blog, 2015): a random part of a bound that doubles, so that many clients that failed together do not
come back together.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try, and how long to wait in between, in seconds. A service that asks to be left
    alone for longer than ``longest_seconds`` is not waited for. ``sleep`` and ``chance`` (a number from
    0 to 1) are handed in by tests."""

    attempts: int = 6
    base_seconds: float = 0.2
    cap_seconds: float = 20.0
    longest_seconds: float = 600.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, failures: int, at_least: float = 0.0) -> None:
        """Wait after so many failures in a row; not less than a service asked for."""
        bound = min(self.cap_seconds, self.base_seconds * 2.0 ** (failures - 1))
        self.sleep(max(at_least, self.chance() * bound))


def retry(call: Callable[[], T], is_transient: Callable[[Exception], float | None], patience: Patience) -> T:
    """What ``call`` returns, tried again while ``is_transient`` says that its error may pass.

    ``is_transient`` returns ``None`` for an error that stays, else the least number of seconds that
    the service asked to wait, 0 if it asked for nothing. The last error is raised as it is.
    """
    failures = 0
    while True:
        try:
            return call()
        except Exception as error:
            failures += 1
            asked = is_transient(error)
            if asked is None or asked > patience.longest_seconds or failures >= patience.attempts:
                raise
            patience.wait(failures, asked)
