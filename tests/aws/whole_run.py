"""A run of the fan-out in a process of its own, watched through the events that it tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("fan_out.py")
SECONDS = 300


class WholeRun:
    """The leader is a child; ``wait_for`` reads its events from a pipe, so that nothing is polled."""

    def __init__(self, folder: Path, locator: str, count: int, *more: str) -> None:
        self._pipe = folder / "events"
        if not self._pipe.exists():
            os.mkfifo(self._pipe)
        words = ["--job-store", locator, "--count", str(count), "--write-events", str(self._pipe), *more]
        self._out = (folder / "out").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
        )
        self._events = self._pipe.open()

    def __enter__(self) -> WholeRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._events.close()
        self._out.close()

    def wait_for(self, kind: str, count: int) -> None:
        """Until so many events of a kind were told. Raises if the run ends before."""
        for line in self._events:
            count -= json.loads(line)["event"] == kind
            if count == 0:
                return
        raise AssertionError(f"the run ended early: {self.printed()}")

    def kill(self) -> None:
        """End the leader as a power cut would; its workers find their socket closed."""
        self.process.kill()
        self.process.wait()

    def finish(self) -> str:
        """What it printed last, once it has ended well."""
        for _ in self._events:
            pass
        assert self.process.wait(SECONDS) == 0, self.printed()
        return self.printed().strip().splitlines()[-1]

    def printed(self) -> str:
        """All that it printed so far."""
        self._out.seek(0)
        return self._out.read()
