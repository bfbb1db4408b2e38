"""Functions that are called when an attempt at a job is over, also when its process was killed.

They are written down for that, those that can be sent to another process: whoever finds the attempt dead has
them called by ``python -m toil_core.workflow.deferred FILE``, on the machine of the attempt.
"""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toil_core.api.job import JobContext
from toil_core.deployment import stand_in
from toil_core.workflow.pickling import Values, dump

_Call = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]


class Deferred:
    """The functions of one attempt at a job of ``script``; used by one thread."""

    def __init__(self, attempt: JobContext, script: str) -> None:
        self._attempt = attempt
        self._script = stand_in.script() or script
        self._calls: list[_Call] = []
        self._file: Path | None = None

    def add(self, call: _Call) -> None:
        """Have a function called when the attempt is over."""
        self._calls.append(call)
        try:
            text = dump(call, self._attempt.job.name, {}).text
        except Exception:
            return  # for whatever reason it cannot be sent: it is called if the process lives
        if self._file is None:
            self._file = self._begin()
        with self._file.open("a") as out:
            out.write(text + "\n")

    def call(self) -> None:
        """Call them, the last one first. What one raises goes to stderr and changes nothing else."""
        while self._calls:
            _call(self._calls.pop(), self._attempt.job.name)
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _begin(self) -> Path:
        work_dir = self._attempt.work_dir
        file = work_dir.with_name(f"{work_dir.name}.deferred")  # beside it: inside are the job's own files only
        found = {"job": self._attempt.job.name, "script": self._script, "path": sys.path}
        file.touch(mode=0o600)
        file.write_text(json.dumps(found) + "\n")
        self._attempt.on_abort([sys.executable, "-m", __name__, str(file)])
        return file


def call_all(file: Path) -> None:
    """Call what an attempt that is dead had deferred, and forget it."""
    head, *texts = file.read_text().splitlines()
    found = json.loads(head)
    sys.path[:] = found["path"]
    values = Values({}, found["script"])
    while texts:
        _call(values.load(texts.pop()), found["job"])
    file.unlink(missing_ok=True)


def _call(call: _Call, job: str) -> None:
    function, args, kwargs = call
    try:
        function(*args, **kwargs)
    except BaseException:
        # A cleanup is an observer of the job's end: whatever it raises, the job's result stands as it is, the other
        # cleanups follow, and streams that the job has closed are none of its business.
        with contextlib.suppress(OSError), open(2, "w", errors="backslashreplace", closefd=False) as log:
            log.write(f"A deferred function of job {job} failed:\n{traceback.format_exc()}")


if __name__ == "__main__":
    call_all(Path(sys.argv[1]))
