"""Removing directories that programs have left, whatever modes they gave them."""

from __future__ import annotations

import contextlib
import os
import shutil


def remove_tree(path: str | os.PathLike[str]) -> bool:
    """Remove a directory with all that is in it; whether it is gone. What is not there is gone.

    A directory without write permission keeps its names even from its owner, who may change that.
    """
    shutil.rmtree(path, ignore_errors=True)
    if not os.path.lexists(path):
        return True
    _make_writable(os.fspath(path))
    for folder, folders, _ in os.walk(path):
        for name in folders:
            _make_writable(os.path.join(folder, name))
    shutil.rmtree(path, ignore_errors=True)
    return not os.path.lexists(path)


def _make_writable(folder: str) -> None:
    with contextlib.suppress(OSError):
        if not os.path.islink(folder):
            os.chmod(folder, 0o700)
