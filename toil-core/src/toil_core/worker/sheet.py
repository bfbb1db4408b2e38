"""Where a forked process leaves its outcome for the host that forked it."""

from __future__ import annotations

import os
import sys
import tempfile

from toil_core.worker.frames import OUTCOME, FrameReader, frame


class Sheet:
    """A nameless file, in memory where the system has such, used for one process after another.

    Unlike a pipe it takes an outcome of any size at once and need not be waited for: it is read when
    the process has ended, which the host waits for anyway.
    """

    def __init__(self) -> None:
        if sys.platform == "linux":
            self._descriptor = os.memfd_create("toil-outcome")
        else:
            with tempfile.TemporaryFile() as file:
                self._descriptor = os.dup(file.fileno())

    def write(self, outcome: bytes) -> None:
        """Leave an outcome, in the forked process."""
        content = memoryview(frame(OUTCOME, outcome))
        offset = 0
        while offset < len(content):
            offset += os.pwrite(self._descriptor, content[offset:], offset)

    def take(self) -> bytes | None:
        """The outcome that was left, and a blank sheet; ``None`` for none, or one that was not finished."""
        size = os.fstat(self._descriptor).st_size
        if size == 0:
            return None
        content = b""
        while len(content) < size:
            content += os.pread(self._descriptor, size - len(content), len(content))
        os.ftruncate(self._descriptor, 0)
        return next((body for _, body in FrameReader().feed(content)), None)
