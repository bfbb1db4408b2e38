"""Trying again after a network file system has forgotten a handle.

A client remembers files and directories by handles. When the server gives one up (a restart, a
replaced file, a changed export) the call fails with ``ESTALE``, and looking the path up again heals it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

_TRIES = 4


def past_stale_handles(function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Call a function that finds its files by path, again if a handle had become stale."""
    for _ in range(_TRIES - 1):
        try:
            return function(*arguments, **named)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return function(*arguments, **named)
