"""Commands that end what does not end with an attempt's processes, such as a daemon's containers.

They are written down before what they end is begun, so that whoever finds the worker dead can run them.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

_SUFFIX = ".aborts"
_TIMEOUT_SECONDS = 60.0


class AbortCommands:
    """Those of the attempts in one directory, one attempt after another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._is_used = False

    def add(self, command: Sequence[str]) -> None:
        """Write a command down."""
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        with _file_of(self._directory).open("a") as out:
            out.write(json.dumps(list(command)) + "\n")
        self._is_used = True

    def forget(self) -> None:
        """The attempt has come to its own end: there is nothing left to abort."""
        if self._is_used:
            _file_of(self._directory).unlink(missing_ok=True)
            self._is_used = False


def abort(directory: Path) -> None:
    """Run what an attempt in this directory had left to be run. It must be over; nothing is no error."""
    _run(_file_of(directory))


def abort_all(work_dir: Path) -> None:
    """The same for every attempt of a run on this machine, of which none may be under way."""
    for path in work_dir.glob("*" + _SUFFIX):
        _run(path)


def _file_of(directory: Path) -> Path:
    return directory.with_name(directory.name + _SUFFIX)


def _run(path: Path) -> None:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        # A last line cut short was of a command whose thing had not begun.
        with contextlib.suppress(ValueError, OSError, subprocess.TimeoutExpired):
            command = json.loads(line)
            null = subprocess.DEVNULL
            subprocess.run(command, stdin=null, stdout=null, stderr=null, timeout=_TIMEOUT_SECONDS, check=False)
    path.unlink(missing_ok=True)
