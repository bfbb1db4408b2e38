"""What a host that is a fresh interpreter loads before it forks, so that no job has to load it for itself.

A host that was forked from the leader has all that already.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
from collections.abc import Callable, Iterator

from toil_core.model.wire import decode_order
from toil_core.system.processes import FORK_IS_SAFE


class Preparation:
    """Loads the code of each body once. Used by one thread."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def before(self, body: str, order: bytes) -> None:
        """Have what the job of an order needs loaded, if it is the first with that body."""
        if body in self._known:
            return
        try:
            with _unheard():
                is_done = _load(body, order)
        except BaseException:
            is_done = True  # what goes wrong here, a script's exit included, goes wrong in the job, which tells of it
        if is_done:
            self._known.add(body)
            gc.collect()
            gc.freeze()


def _load(body: str, order: bytes) -> bool:
    """Whether all is loaded that can be: a payload in a file is left to the jobs, and another order is waited for."""
    module, _, _ = body.partition(":")
    prepare: Callable[[str], None] | None = getattr(importlib.import_module(module), "prepare", None)
    if prepare is None or not FORK_IS_SAFE:  # it may load an author's code, and any library with it
        return True
    text = decode_order(order.decode()).job.payload.text
    if text is not None:
        prepare(text)
    return text is not None


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Nothing that code writes while it is loaded reaches anybody: it has been written when the leader loaded it."""
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        yield
