"""Doing the same to many objects, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

_THREADS = 16
_AT_ONCE = 1000


def for_each(act: Callable[[T], Any], items: Iterable[T]) -> None:
    """Call ``act`` with each item, in threads if there are several. Raises what one of the calls raised.

    No thread is left on return, and the items are read as they are needed.
    """
    left = iter(items)
    while found := list(islice(left, _AT_ONCE)):
        if len(found) == 1:
            act(found[0])
            continue
        with ThreadPoolExecutor(min(_THREADS, len(found))) as pool:
            for _ in pool.map(act, found):
                pass
