"""Processes and process groups, as the kernel offers them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
from collections.abc import Container
from functools import cache
from pathlib import Path

FORK_IS_SAFE = sys.platform == "linux"
"""Whether a process may fork with all that it has loaded. Elsewhere system libraries may start threads of their own."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36

_kept: set[int] = set()


def start_time(pid: int) -> int:
    """When a process started, in clock ticks since boot (proc(5), field 22); 0 if it is gone.

    Together with the pid it names a process for good, where the pid alone is reused.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in ("Z", "X") else int(fields[19])


def wait_for_end(pid: int, timeout_seconds: float) -> bool:
    """Wait until a process that need not be our child is gone; whether it is."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([handle], [], [], timeout_seconds)
    finally:
        os.close(handle)
    return bool(ready)


def end_group(group: int) -> None:
    """Kill every process of a group at once; no error if there is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def keep(pid: int) -> None:
    """Say that a child of this process is a helper that outlives the job which started it."""
    _kept.add(pid)


def end_leftovers(spared: Container[int] = ()) -> None:
    """Kill and reap all children of this process but the kept and the spared ones. Orphans of those
    come up as children of a subreaper, and are ended as well."""
    while _has_children() and (found := [pid for pid in children() if pid not in _kept and pid not in spared]):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def hold_standard_streams() -> None:
    """Where this process was started without stdin, stdout or stderr, have it write to nowhere and read nothing
    there: the next file that is opened would be taken for it. To be called before one is."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when the thread that forked it ends (Linux, prctl(2)).

    ``parent`` is that process's id: one that is gone already is noticed as well.
    """
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def become_subreaper() -> None:
    """Become the parent of orphaned descendants, so that they can be found and ended (Linux, prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children() -> list[int]:
    """The direct children of this process, adopted orphans included; empty where the system does not tell."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children") as listing:
                found += map(int, listing.read().split())
    return found


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(option, value, 0, 0, 0)
