"""A name for this process that tells, later and from the same machine, whether the process is gone.

What a process leaves half done carries its tag, so that whoever comes next may clear it away
without a lock and without a clock.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

_SEPARATOR = "."


def writer_tag() -> str:
    """This process's tag; another one after a fork. Made of letters, digits, ``-`` and ``.``."""
    return f"{_place()}{_SEPARATOR}{os.getpid()}"


def is_gone(tag: str) -> bool:
    """Whether the process of a tag is known to have ended.

    ``False`` where that cannot be known: a process of another machine, boot or process namespace.
    """
    place, _, pid = tag.rpartition(_SEPARATOR)
    if place != _place() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@functools.cache
def _place() -> str:
    """Where a process id means one process: a boot of a machine, and a process namespace in it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        # Without /proc (macOS) no place is sure; a value of its own keeps every leftover until the store goes.
        return f"unknown-{os.urandom(8).hex()}"
    return f"{boot}-{namespace}"
