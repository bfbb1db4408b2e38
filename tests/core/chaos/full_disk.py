"""The workload on a disk that is full after some writes, unless this is a restart."""

from __future__ import annotations

import errno
import os
import sys

import workload

from toil_core.system.filesystem import FileSystem

_LEADER = os.getpid()
_ROOM = 6
_written = 0
_write = FileSystem.write


def _write_while_there_is_room(self: FileSystem, descriptor: int, content: bytes | memoryview) -> None:
    global _written
    _written += os.getpid() == _LEADER
    if _written > _ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _write(self, descriptor, content)


if __name__ == "__main__":
    if "--restart" not in sys.argv:
        FileSystem.write = _write_while_there_is_room  # type: ignore[method-assign]
    sys.exit(workload.main())
