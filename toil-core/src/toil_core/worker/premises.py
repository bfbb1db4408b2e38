"""What a job may change in its process that the next one must not find changed."""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
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

    def restored(self) -> bool:
        """Put right what a job has changed; whether the process is fit for the next one.

        It is not if a thread is left, or much memory. Variables of modules cannot be looked after.
        """
        if threading.active_count() > self._threads or data_size() > self._size + _GROWTH:
            return False
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        os.chdir(self._directory)
        os.umask(self._umask)
        sys.path[:] = self._path
        sys.stdin, sys.stdout, sys.stderr = self._streams
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip(_SIGNALS, self._handlers, strict=True):
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
        random.seed()  # as in a process that was forked
        return True
