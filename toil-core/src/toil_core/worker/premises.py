"""What a job may change in its process that the next one must not find changed."""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import tempfile
import threading

_GROWTH = 64 * 1024**2
"""Bytes of memory that jobs may leave in a process that they share before it is given up."""

_SIGNALS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGPIPE,
)

_LIMITS = sorted(
    {number for name, number in vars(resource).items() if name.startswith("RLIMIT_")} - {resource.RLIMIT_DATA}
)
"""Of these a job may lower its own; that of data is set anew for each job."""


def draw_own_numbers() -> None:
    """Have this process draw random numbers that no other draws: of numpy's generator, too, each of the processes that
    are forked from one has a copy, and would draw the same. A fork seeds only Python's own."""
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        numbers.seed()


def data_size() -> int:
    """The private writable memory of this process in bytes, as RLIMIT_DATA counts it; 0 where unknown."""
    if sys.platform != "linux":
        return 0
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        fields = os.read(statm, 256).split()  # proc(5): the sixth is data and stack, in pages
    finally:
        os.close(statm)
    return int(fields[5]) * resource.getpagesize()


def _allowed() -> object:
    """What a process is allowed that it may have had changed, and maybe cannot take back."""
    limits = [resource.getrlimit(number) for number in _LIMITS]
    processors = os.sched_getaffinity(0) if sys.platform == "linux" else None
    return limits, os.getpriority(os.PRIO_PROCESS, 0), processors, os.geteuid(), os.getegid()


class Premises:
    """The process as it is before its first job, which began with ``size`` bytes of private memory."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._environment = dict(os.environ)
        self._directory = os.getcwd()
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._path = list(sys.path)
        self._streams = sys.stdin, sys.stdout, sys.stderr
        self._handlers = [signal.getsignal(number) for number in _SIGNALS]
        self._threads = threading.active_count()
        self._temporary = tempfile.tempdir
        self._allowed = _allowed()

    def restored(self) -> bool:
        """Put right what a job has changed; whether the process is fit for the next one.

        It is not if a thread is left, or much memory, or if the kernel allows it other things than before.
        Variables of modules cannot be looked after.
        """
        if threading.active_count() > self._threads or data_size() > self._size + _GROWTH:
            return False
        if _allowed() != self._allowed:
            return False
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        os.chdir(self._directory)
        os.umask(self._umask)
        sys.path[:] = self._path
        tempfile.tempdir = self._temporary  # else the next one's would be where TMPDIR of this one was
        sys.stdin, sys.stdout, sys.stderr = self._streams
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip(_SIGNALS, self._handlers, strict=True):
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
        random.seed()  # as in a process that was forked
        draw_own_numbers()
        return True
