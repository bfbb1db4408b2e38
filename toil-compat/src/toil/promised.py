"""Values that do not exist yet, and requirements made of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, Union

import cloudpickle

from toil.exceptions import JobPromiseConstraintError
from toil_core.workflow import Computed, Promise

T = TypeVar("T")

Promised = Union[Promise[T], T]  # noqa: UP007  an alias of a bare type variable needs it
"""Either a value or the promise of one."""


class PromisedRequirement:
    """A requirement known only while the workflow runs: a promise, or a function of promises.

    ``PromisedRequirement(job.rv())``, or ``PromisedRequirement(lambda size: 2 * size, job.rv())``.
    """

    def __init__(self, valueOrCallable: Any, *args: Any) -> None:
        if args and not callable(valueOrCallable):
            raise JobPromiseConstraintError(
                f"a promised requirement has arguments for {valueOrCallable!r}, which is no function",
                "Write PromisedRequirement(function, promise)",
            )
        self._function: Callable[..., Any] | None = valueOrCallable if callable(valueOrCallable) else None
        self._args: tuple[Any, ...] = args if self._function is not None else (valueOrCallable,)

    def getValue(self) -> Any:
        """The requirement, once no argument is a promise any more."""
        for argument in self._args:
            unwrap(argument)
        return self._args[0] if self._function is None else self._function(*self._args)

    def computed(self) -> Computed:
        """The same in the core's words. The function may be a lambda: it travels by value."""
        if self._function is None:
            return Computed(_itself, self._args)
        return Computed(_called, (cloudpickle.dumps(self._function), *self._args))


def unwrap(p: Promised[T]) -> T:
    """The value itself. Raises ``JobPromiseConstraintError`` for a promise."""
    if isinstance(p, Promise):
        raise JobPromiseConstraintError(
            f'the promise of "{p.producer.name}" stands where a value is needed', "Read promises in jobs that run later"
        )
    return p


def unwrap_all(p: Iterable[Promised[T]]) -> list[T]:
    """The values themselves. Raises ``JobPromiseConstraintError`` if one is a promise."""
    return [unwrap(item) for item in p]


def _itself(value: T) -> T:
    return value


def _called(function: bytes, *args: Any) -> Any:
    return pickle.loads(function)(*args)
