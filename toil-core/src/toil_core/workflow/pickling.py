"""Work and values as text, and back, with promises replaced by values on the way.

Functions and classes travel by reference: module and name.
"""

from __future__ import annotations

import binascii
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from types import FunctionType
from typing import Any

from toil_core.errors import IllegalGraph, UsageError
from toil_core.model.ids import JobId
from toil_core.workflow.function import JobFunction
from toil_core.workflow.job import Work
from toil_core.workflow.promise import Producer, Promise, follow
from toil_core.workflow.script import LOADED_AS, make_importable, module_of

_PROTOCOL = 5


@dataclass(frozen=True)
class Pickled:
    """An object as text, and whose promises it holds."""

    text: str
    reads: tuple[Producer, ...]


def dump(value: object, owner: str, ids: Mapping[Producer, JobId]) -> Pickled:
    """An object as text. ``owner`` names the job it belongs to; ``ids`` tells whose promises it may hold.

    Raises ``UsageError`` for what cannot be sent, and for promises of unknown jobs.
    """
    buffer = BytesIO()
    pickler = _Pickler(buffer, value, owner, ids)
    try:
        pickler.dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, RuntimeError) as error:
        raise UsageError(
            f'job "{owner}" holds something that cannot be sent to a worker: {error}',
            "Use plain data, and functions and classes defined at module level",
        ) from error
    text = binascii.b2a_base64(buffer.getvalue(), newline=False).decode("ascii")
    return Pickled(text, tuple(pickler.reads))


class Values:
    """The values of other jobs, as a worker got them, for objects that hold promises of them."""

    def __init__(self, texts: Mapping[JobId, str], script: str) -> None:
        self._texts = texts
        self._script = script
        self._loaded: dict[JobId, Any] = {}
        make_importable(script)

    def load(self, text: str) -> Any:
        """The object of a text made by ``dump``, with values for promises."""
        return _Unpickler(binascii.a2b_base64(text), self._script, self.fulfil).load()

    def fulfil(self, job: JobId, path: Sequence[Any]) -> Any:
        """The part of a job's value that a promise was made of."""
        if job not in self._loaded:
            self._loaded[job] = self.load(self._texts[job])
        return follow(self._loaded[job], path)


def fulfil(job: JobId, path: Sequence[Any]) -> Any:
    """Stands for a promise in a pickle; ``Values`` puts its own in place of it."""
    raise pickle.UnpicklingError(f"the promise of job {job} can be read only by a job")


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: BytesIO, root: object, owner: str, ids: Mapping[Producer, JobId]) -> None:
        super().__init__(buffer, _PROTOCOL)
        self._root = root
        self._owner = owner
        self._ids = ids
        self.reads: dict[Producer, None] = {}

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Promise):
            return self._reduced_promise(obj)
        if isinstance(obj, (FunctionType, JobFunction)):
            return _reduced_function(obj)
        if isinstance(obj, Work) and obj is not self._root and obj._node.is_linked:
            raise UsageError(
                f'job "{self._owner}" holds the job "{obj._node.name}", which has its own place in the workflow',
                "Use its promise, rv()",
            )
        return NotImplemented

    def _reduced_promise(self, promise: Promise[Any]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        job = self._ids.get(promise.producer)
        if job is None:
            raise IllegalGraph(
                f'job "{self._owner}" reads the promise of "{promise.producer.name}", '
                "which cannot be reached from the root",
                "Add it to the workflow with add_child or add_follow_on",
            )
        self.reads[promise.producer] = None
        return fulfil, (job, promise.path)


def _reduced_function(function: Any) -> Any:
    name = function.__qualname__
    if "<" in name:
        raise UsageError(
            f'the function "{name.replace("<locals>.", "")}" cannot be sent to a worker', "Define it at module level"
        )
    found: Any = sys.modules.get(function.__module__)
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, JobFunction) and found.function is function:
        return getattr, (found, "function")
    return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, script: str, fulfilled: Callable[[JobId, Sequence[Any]], Any]) -> None:
        super().__init__(BytesIO(content))
        self._script = script
        self._fulfilled = fulfilled

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == __name__ and global_name == fulfil.__name__:
            return self._fulfilled
        if module_name not in ("__main__", LOADED_AS):
            return super().find_class(module_name, global_name)
        module = module_of(self._script)
        try:
            return reduce(getattr, global_name.split("."), module)
        except AttributeError as error:
            raise UsageError(
                f'the script {self._script} has no "{global_name}"', "It was there when the workflow was started"
            ) from error
