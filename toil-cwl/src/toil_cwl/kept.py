"""What takes long to make of files that seldom change, kept for the next run of the same user.

Pickles below ``$XDG_CACHE_HOME/toil`` (by default ``~/.cache/toil``). One that is not there, not ours alone or not
readable is made again; one that cannot be written is done without; one that nobody has read for two months goes.
"""

from __future__ import annotations

import gc
import os
import pickle
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schema_salad import ref_resolver

_LAYOUT = "2"
"""Counts the changes to classes of ours that are kept."""

_USELESS_SECONDS = 60 * 24 * 3600


def kept(name: str, make: Callable[[], Any]) -> Any:
    """What is kept under a name, or else what ``make`` returns, which is kept from now on."""
    found = read(name)
    if found is None:
        found = make()
        write(name, found)
    return found


def read(name: str) -> Any:
    """What was written under a name by the same versions of everything; ``None`` if there is nothing good."""
    try:
        with _path(name).open("rb") as stream:
            facts = os.fstat(stream.fileno())
            if facts.st_uid != os.geteuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None  # a pickle is code: only one that nobody else could write is read
            os.utime(stream.fileno())  # so that it is known to be of use
            gc.disable()  # 100,000 small objects are made, none of them garbage
            try:
                return pickle.load(stream)
            finally:
                gc.enable()
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError, TypeError):
        return None


def write(name: str, content: Any) -> None:
    """Keep something for ``read``."""
    path = _path(name)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with open(descriptor, "wb") as stream:
                _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(content)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _remove_useless(path.parent)


def _remove_useless(folder: Path) -> None:
    oldest = time.time() - _USELESS_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("cwl-") and entry.stat(follow_symlinks=False).st_mtime < oldest:
                os.unlink(entry.path)


def _path(name: str) -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return root / "toil" / f"cwl-{name}-{_makers()}.pickle"


@cache
def _makers() -> str:
    libraries = (version(name) for name in ("toil-cwl", "cwltool", "schema-salad"))
    return "-".join([_LAYOUT, *libraries, str(sys.implementation.cache_tag)])


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        # Its items are stored through a function that a plain pickle sets too late.
        if type(value) is ref_resolver.NormDict:
            return ref_resolver.NormDict, (ref_resolver._url_norm,), None, None, iter(list(value.items()))
        return NotImplemented
