"""A value that does not exist yet, to be handed to jobs that run later."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from toil_core.errors import UsageError

T_co = TypeVar("T_co", covariant=True)


class Producer(Hashable, Protocol):
    """Whoever will return the value; told apart by identity."""

    @property
    def name(self) -> str:
        """What people call it."""


@dataclass(frozen=True, eq=False, repr=False)
class Promise(Generic[T_co]):
    """The return value of a job that has not run, or a part of it.

    Put it anywhere inside another job's arguments: in lists, dicts, sets, dataclasses. When that
    job runs, the value stands in its place. A job may also return promises of jobs it added.
    """

    producer: Producer
    path: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return f"<promise of {self.producer.name}{''.join(f'[{step!r}]' for step in self.path)}>"

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            f'the promise of "{self.producer.name}" cannot be pickled by itself',
            "Hand promises to jobs as arguments, or return them from jobs",
        )


@dataclass(frozen=True, eq=False)
class Computed:
    """A requirement to be made of promises once they are known: ``Computed(function, (job.rv(),))``.

    The function is called beside the leader, so it should be quick. It travels as jobs' functions do.
    Arguments may be promises, or ``Computed`` themselves, but hold none deeper down.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()

    def value(self) -> Any:
        """What the function returns. Call it only where the promises have become values."""
        return self.function(
            *(argument.value() if isinstance(argument, Computed) else argument for argument in self.args)
        )


def follow(value: Any, path: Sequence[Any]) -> Any:
    """The part of a value that a path leads to: each step an index, a key, or an attribute, in this order;
    methods of containers are none of their parts. Raises ``UsageError`` where there is no such part."""
    for step in path:
        try:
            value = _part(value, step)
        except (LookupError, TypeError, AttributeError) as error:
            raise UsageError(
                f"a promise asks for {step!r} of a {type(value).__name__}, which has no such part",
                "Compare the path given to rv() with what the job returns",
            ) from error
    return value


def _part(value: Any, step: Any) -> Any:
    if not isinstance(step, str):
        return value[step]
    if not hasattr(type(value), "__getitem__"):
        return getattr(value, step)
    try:
        return value[step]
    except (LookupError, TypeError):
        found = getattr(value, step, _ABSENT)
        if found is _ABSENT or hasattr(found, "__self__"):
            raise
        return found


_ABSENT = object()
