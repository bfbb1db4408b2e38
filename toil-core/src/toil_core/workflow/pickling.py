"""Work and values as text, and back, with promises replaced by values on the way.

Functions and classes travel by reference: module and name.
"""

from __future__ import annotations

import binascii
import importlib
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from types import FunctionType, ModuleType
from typing import Any

from toil_core.errors import IllegalGraph, UsageError
from toil_core.model.ids import JobId
from toil_core.workflow.function import JobFunction
from toil_core.workflow.job import FunctionJob, Work
from toil_core.workflow.promise import Producer, Promise, follow
from toil_core.workflow.script import LOADED_AS, make_importable, module_of

_PROTOCOL = 5
_OF_CALLS = {"function", "args", "kwargs", "takes_context"}
_DEEPEST = 50  # promises below one another; what is deeper is loaded first
_REFERRED_TO = (FunctionType, JobFunction, type)


@dataclass(frozen=True)
class Pickled:
    """An object as text, and whose promises it holds. ``hidden`` is a name of the script that it refers to, and
    that stands for something else by now; only in a script that is loaded apart it can be found."""

    text: str
    reads: tuple[Producer, ...]
    hidden: str = ""


def dump(work: object, owner: str, ids: Mapping[Producer, JobId]) -> Pickled:
    """Work as text. ``owner`` names the job it belongs to; ``ids`` tells whose promises it may hold.

    Raises ``UsageError`` for what cannot be sent, and for promises of unknown jobs.
    """
    return _dumped(work, _Pickler(BytesIO(), work, owner, ids), "holds")


def dump_value(value: object, owner: str, ids: Mapping[Producer, JobId]) -> Pickled:
    """What the job ``owner`` returned as text; as ``dump``, but that no job is in its right place here."""
    return _dumped(value, _Pickler(BytesIO(), None, owner, ids), "returned")


def _dumped(value: object, pickler: _Pickler, verb: str) -> Pickled:
    try:
        pickler.dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, RuntimeError) as error:
        raise UsageError(
            f'job "{pickler.owner}" {verb} something that cannot be sent to a worker: {error}',
            "Use plain data, and functions and classes defined at module level",
        ) from error
    text = binascii.b2a_base64(pickler.buffer.getvalue(), newline=False).decode("ascii")
    return Pickled(text, tuple(pickler.reads), pickler.hidden)


class _Deeper(Exception):
    """A value that holds promises, whose values hold promises, more often than the stack is deep."""

    def __init__(self, job: JobId) -> None:
        super().__init__(job)
        self.job = job


class Values:
    """The values of other jobs, as a worker got them, for objects that hold promises of them."""

    def __init__(self, texts: Mapping[JobId, str], script: str) -> None:
        self._texts = texts
        self._script = script
        self._loaded: dict[JobId, Any] = {}
        self._depth = 0
        make_importable(script)

    def load(self, text: str) -> Any:
        """The object of a text made by ``dump``, with values for promises.

        Raises ``UsageError`` for what the code, as it is now, has no place for.
        """
        first: list[JobId] = []
        while True:
            try:
                found = self._load(self._texts[first[-1]] if first else text)
            except _Deeper as error:
                first.append(error.job)
                continue
            if not first:
                return found
            self._loaded[first.pop()] = found

    def _load(self, text: str) -> Any:
        unpickler = _Unpickler(binascii.a2b_base64(text), self._script, self._fulfil)
        try:
            return unpickler.load()
        except (TypeError, AttributeError) as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # the author's own code says more about it
            raise UsageError(
                f"something that was stored cannot be made again: {error}",
                "If its class was edited since, give what is new in it a default",
            ) from error

    def _fulfil(self, job: JobId, path: Sequence[Any]) -> Any:
        """The part of a job's value that a promise was made of."""
        if job not in self._loaded:
            if self._depth == _DEEPEST:
                raise _Deeper(job)
            self._depth += 1
            try:
                self._loaded[job] = self._load(self._texts[job])
            finally:
                self._depth -= 1
        return follow(self._loaded[job], path)


def fulfil(job: JobId, path: Sequence[Any]) -> Any:
    """Stands for a promise in a pickle; ``Values`` puts its own in place of it."""
    raise pickle.UnpicklingError(f"the promise of job {job} can be read only by a job")


def named(name: str, is_plain: bool) -> Any:
    """Stands in a pickle for what a name of the script stood for at first."""
    raise pickle.UnpicklingError(f"{name} can be found only by a job")


def undecorated(found: Any) -> Any:
    """Stands in a pickle for the function below a decorator of ours, which may be gone by now."""
    return found.function if isinstance(found, JobFunction) else found


def called(found: Any, args: tuple[Any, ...], kwargs: dict[str, Any], takes_context: bool) -> FunctionJob[Any]:
    """Stands in a pickle for a call of a decorated function: as its decorator says now, if there is one."""
    if isinstance(found, JobFunction):
        return found(*args, **kwargs)
    return FunctionJob(found, args, kwargs, takes_context=takes_context)


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: BytesIO, root: object, owner: str, ids: Mapping[Producer, JobId]) -> None:
        super().__init__(buffer, _PROTOCOL)
        self.buffer = buffer
        self.owner = owner
        self._root = root
        self._ids = ids
        self.reads: dict[Producer, None] = {}
        self.hidden = ""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Promise):
            return self._reduced_promise(obj)
        if isinstance(obj, (FunctionType, JobFunction)):
            return self._reduced_function(obj)
        if isinstance(obj, type) and obj.__module__ == "__main__" and _is_hidden(_found(obj)):
            return self._reduced_name(obj)
        if isinstance(obj, Work) and obj is not self._root and obj._node.is_linked:
            raise UsageError(
                f'job "{self.owner}" holds the job "{obj._node.name}", which has its own place in the workflow',
                "Use its promise, rv()",
            )
        if type(obj) is FunctionJob:
            return _reduced_call(obj)
        return NotImplemented

    def _reduced_promise(self, promise: Promise[Any]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        job = self._ids.get(promise.producer)
        if job is None:
            raise IllegalGraph(
                f'job "{self.owner}" reads the promise of "{promise.producer.name}", '
                "which cannot be reached from the root",
                "Add it to the workflow with add_child or add_follow_on",
            )
        self.reads[promise.producer] = None
        return fulfil, (job, promise.path)

    def _reduced_function(self, function: Any) -> Any:
        name = function.__qualname__
        if "<" in name:
            raise UsageError(
                f'the function "{name.replace("<locals>.", "")}" cannot be sent to a worker',
                "Define it at module level",
            )
        found = _found(function)
        if isinstance(found, JobFunction) and found.function is function:
            return undecorated, (found,)
        if function.__module__ == "__main__" and _is_hidden(found):
            return self._reduced_name(function)
        return NotImplemented

    def _reduced_name(self, obj: Any) -> Any:
        self.hidden = obj.__qualname__
        return named, (obj.__qualname__, isinstance(obj, FunctionType))


def _reduced_call(job: FunctionJob[Any]) -> Any:
    found = _found(job.function) if isinstance(job.function, FunctionType) else None
    if not isinstance(found, JobFunction) or found.function is not job.function:
        return NotImplemented
    if found.takes_context != job.takes_context or vars(job).keys() - {"_node"} != _OF_CALLS:
        return NotImplemented
    return called, (found, job.args, job.kwargs, job.takes_context)


def _found(obj: Any) -> Any:
    """What the name of a function or class stands for now."""
    found: Any = sys.modules.get(obj.__module__)
    for part in obj.__qualname__.split("."):
        found = getattr(found, part, None)
    return found


def _is_hidden(found: object) -> bool:
    # Another function by the name, as a decorator makes one, is no name used twice: which is meant is not known.
    return found is not None and not isinstance(found, _REFERRED_TO)


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, script: str, fulfilled: Callable[[JobId, Sequence[Any]], Any]) -> None:
        super().__init__(BytesIO(content))
        self._script = script
        self._fulfilled = fulfilled

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == __name__ and global_name == fulfil.__name__:
            return self._fulfilled
        if module_name == __name__ and global_name == named.__name__:
            return self._named
        module = module_of(self._script) if module_name in ("__main__", LOADED_AS) else _imported(module_name)
        try:
            return reduce(getattr, global_name.split("."), module)
        except AttributeError as error:
            place = getattr(module, "__file__", None) or module_name
            raise UsageError(
                f'{place} has no "{global_name}" any more, which this job was made with',
                "Leave that name in it, for what takes its place, or start the workflow anew",
            ) from error

    def _named(self, name: str, is_plain: bool) -> Any:
        found = self.find_class("__main__", name)
        if is_plain and isinstance(found, JobFunction):
            return found.function
        if not isinstance(found, _REFERRED_TO):
            raise hidden_for_good(name)
        return found


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise  # it is there, and imports another that is not
        raise UsageError(
            f"there is no module {error.name} here, which this job was made with",
            "Install it where workers run; if it was renamed, leave one of that name that imports the other",
        ) from error


def hidden_for_good(name: str) -> UsageError:
    """What to raise where no worker could find what a name stood for."""
    return UsageError(
        f'the name "{name}" of the script stands for something else once the workflow starts',
        "Give that something another name",
    )
