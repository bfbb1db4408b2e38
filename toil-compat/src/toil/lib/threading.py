"""Threads whose errors are not lost, locks between processes, and the number of processors."""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from toil_core.system import hardware


class ExceptionalThread(threading.Thread):
    """A thread whose ``join`` raises what its target, or ``tryRun``, raised."""

    _error: BaseException | None = None

    def run(self) -> None:
        """Call ``tryRun`` and remember what it raises."""
        try:
            self.tryRun()
        except BaseException as error:
            self._error = error

    def tryRun(self) -> None:
        """Call the target; to be overridden."""
        super().run()

    def join(self, *args: Any, **kwargs: Any) -> None:
        """Wait for the thread, and raise what it raised, once."""
        super().join(*args, **kwargs)
        if not self.is_alive() and self._error is not None:
            error, self._error = self._error, None
            raise error


def cpu_count() -> int:
    """The processors that this process may use, at least 1; a quota of its control group is considered."""
    return max(1, math.ceil(hardware.cores()))


@contextmanager
def global_mutex(base_dir: str | os.PathLike[str], mutex: str) -> Iterator[None]:
    """Hold a lock that one process of all those with the same directory and name has at a time. The kernel
    frees it, whoever dies."""
    with _locked(base_dir, "mutex", mutex, fcntl.LOCK_EX):
        yield


class LastProcessStandingArena:
    """A set of processes of which the last to leave can clean up after all."""

    def __init__(self, base_dir: str | os.PathLike[str], name: str) -> None:
        self._base_dir = base_dir
        self._name = name
        self._inside: int | None = None

    def enter(self) -> None:
        """Become one of them; waits while a last one cleans up."""
        with global_mutex(self._base_dir, f"arena {self._name}"):
            self._inside = _open(self._base_dir, "arena", self._name)
            fcntl.flock(self._inside, fcntl.LOCK_SH)

    def leave(self) -> Iterator[bool]:
        """Leave them: yields once, ``True``, if nobody is left, and nobody enters until the loop is over."""
        with global_mutex(self._base_dir, f"arena {self._name}"):
            if self._inside is None:
                return
            inside, self._inside = self._inside, None
            try:
                fcntl.flock(inside, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                yield True
            finally:
                os.close(inside)


@contextmanager
def _locked(base_dir: str | os.PathLike[str], kind: str, name: str, how: int) -> Iterator[None]:
    descriptor = _open(base_dir, kind, name)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _open(base_dir: str | os.PathLike[str], kind: str, name: str) -> int:
    path = os.path.join(base_dir, f"toil-{kind}-{hashlib.sha256(name.encode()).hexdigest()[:16]}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
