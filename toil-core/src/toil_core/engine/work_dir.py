"""The directory in which one leader and its workers work on this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from toil_core.model.ids import RunId
from toil_core.system.processes import start_time
from toil_core.system.removal import remove_tree
from toil_core.worker.abort_commands import abort_all


def make_work_dir(parent: Path, run: RunId) -> Path:
    """Make the directory of this process for a run, and remove those that dead leaders have left here,
    with what their attempts had left to be ended.

    No two leaders share one: of two that believe to lead, one will stop and clean up after itself.
    """
    prefix = f"toil-{run[:8]}-{socket.gethostname()}-"
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{prefix}*"):
        pid, _, started = left.name.removeprefix(prefix).partition("-")
        if pid.isdecimal() and started.isdecimal() and start_time(int(pid)) != int(started):
            abort_all(left)
            remove_tree(left)
    work_dir = parent / f"{prefix}{os.getpid()}-{start_time(os.getpid())}"
    work_dir.mkdir(mode=0o700, exist_ok=True)
    return work_dir
