"""What a host that is a fresh interpreter loads before it forks, so that no job has to load it for itself.

A host that was forked from the leader has all that already.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
from collections.abc import Callable, Iterator

from toil_core.errors import InternalError
from toil_core.model.wire import WireError, decode_order
from toil_core.system.processes import FORK_IS_SAFE


class Preparation:
    """Loads the code of each body once. Used by one thread."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def before(self, order: bytes) -> None:
        """Have what an order's job needs loaded, if it is the first of its kind. What goes wrong here goes wrong
        in the job too, which tells of it."""
        try:
            job = decode_order(order.decode()).job
        except WireError as error:
            raise InternalError(f"the host was given something that is no order: {error}") from error
        if job.body in self._known or job.payload.text is None:
            return
        self._known.add(job.body)
        module, _, _ = job.body.partition(":")
        with contextlib.suppress(BaseException), _unheard():
            loaded = importlib.import_module(module)
            prepare: Callable[[str], None] | None = getattr(loaded, "prepare", None)
            if prepare is not None and FORK_IS_SAFE:  # it may load an author's code, and any library with it
                prepare(job.payload.text)
        gc.collect()
        gc.freeze()


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Nothing that code writes while it is loaded reaches anybody: it has been written when the leader loaded it."""
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        yield
