"""The directory that attempts work in."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from enum import Enum
from pathlib import Path

from toil_core.model.ids import AttemptId
from toil_core.system.removal import remove_tree


class Kept(Enum):
    """What stays when an attempt is over."""

    NOTHING = "nothing"
    EMPTY_DIRECTORIES = "empty directories"
    ALL = "all"


class AttemptDirectory:
    """Made when it is first asked for; used by one thread.

    A resident process has one for all its attempts and keeps empty directories: making and removing
    them costs a file system more than all else of a short job.
    """

    def __init__(self, path: Path, kept: Kept = Kept.NOTHING) -> None:
        self.path = path
        self._kept = kept
        self._is_made = False

    def made(self) -> Path:
        """The directory, which is there from now on."""
        if not self._is_made:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._is_made = True
        return self.path

    def clear(self) -> None:
        """Remove what an attempt left and is not kept. What cannot be removed, because a container made
        it as another user, say, is out of the way of the next attempt."""
        if self._kept is Kept.ALL or not os.path.lexists(self.path):
            return
        if self._kept is Kept.EMPTY_DIRECTORIES and self._is_made and self._empty():
            return
        self._is_made = False
        if not remove_tree(self.path):
            with contextlib.suppress(FileNotFoundError):
                self.path.rename(self.path.with_name(f"{self.path.name}.left-{uuid.uuid4().hex[:8]}"))

    def _empty(self) -> bool:
        with contextlib.suppress(OSError), os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                elif os.listdir(entry.path):
                    shutil.rmtree(entry.path)
            return True
        return False


def directory_of(work_dir: Path, attempt: AttemptId) -> Path:
    """Where an attempt with a process of its own works."""
    return work_dir / f"attempt-{attempt}"


def directory_of_resident(work_dir: Path, writer: str) -> Path:
    """Where a resident process works."""
    return work_dir / f"resident-{writer}"
