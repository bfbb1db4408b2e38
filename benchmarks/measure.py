"""Run a command to its end and say what its whole process tree used."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class CommandFailed(Exception):
    """A measured command did not succeed; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Usage:
    """Seconds of wall time and of user and system time of all processes, and the peak resident
    memory, in bytes, of the largest single one of them."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """Run a command in a new folder of its own, which is removed afterwards. Raises ``CommandFailed``.

    What ``wait4`` tells covers the processes that were reaped inside the tree; a daemon that leaves
    the tree would escape it.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    log = folder / "log"
    try:
        (folder / "run").mkdir()
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            _become(command, {**os.environ, **environment, "TMPDIR": str(folder)}, folder / "run", log)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - started
        if status != 0:
            raise CommandFailed(f"{' '.join(command)}\n{log.read_text(errors='replace')[-2000:]}")
        scale = 1 if sys.platform == "darwin" else 1024
        return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _become(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
    """In the child: turn into the command, whatever happens never return."""
    try:
        os.chdir(folder)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.execvpe(command[0], list(command), dict(environment))
    finally:
        os._exit(127)
