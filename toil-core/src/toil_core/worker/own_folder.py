"""The folder of a worker on its own, and what workers that were killed have left on this machine.

::

    <temporary folder>/toil-worker-<host>-<random>/
        held              locked by the worker while it lives, by the kernel (flock(2))
        attempt/          its attempt's
        attempt.aborts    what is to be run if it is killed
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import stat
import tempfile
from pathlib import Path

from toil_core.system.removal import remove_tree
from toil_core.worker.abort_commands import abort_all

_PREFIX = f"toil-worker-{socket.gethostname()}-"
_HELD = "held"


def make_own_folder() -> Path:
    """A new folder, told to be in use while this process lives."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    fresh = folder / f"{_HELD}.new"
    descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with contextlib.suppress(OSError):  # not every network file system has locks: nobody clears up after us there
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # it stays open, and with it the lock
        fresh.rename(folder / _HELD)
    return folder


def clear_up_after_others() -> None:
    """End what this user's workers that were killed could not, and remove their folders.

    Any number of processes may do so at once.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it is in use, or gone meanwhile
            if _is_ours(folder):
                _clear_up(folder)


def _is_ours(folder: Path) -> bool:
    """Whoever else can write there could have us run their commands."""
    status = os.lstat(folder)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _clear_up(folder: Path) -> None:
    with (folder / _HELD).open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        abort_all(folder)
        remove_tree(folder)
