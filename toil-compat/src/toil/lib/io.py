"""Temporary directories, and the room that files take."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def mkdtemp(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:
    """A new empty directory, as ``tempfile.mkdtemp``."""
    return tempfile.mkdtemp(suffix=suffix, prefix=prefix, dir=dir)


def disk_usage(folder: Path) -> int:
    """Bytes of disk that the files below a folder take; a file that goes meanwhile counts as nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total
