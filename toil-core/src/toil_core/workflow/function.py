"""Decorators that make a function a maker of jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from toil_core.workflow.job import FunctionJob, signature_of
from toil_core.workflow.promise import Promise
from toil_core.workflow.settings import Declared, JobKeywords, JobSettings, place_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

R = TypeVar("R")


class JobFunction(Generic[R]):
    """A function whose call makes a job. ``function`` is the function itself, for calling it here.

    Arguments are not typed, because each may be a promise; their number and names are checked when
    the job is made. The job's and its promises' value is typed.
    """

    __module__: str
    __name__: str
    __qualname__: str

    def __init__(self, function: Callable[..., R], settings: JobSettings, takes_context: bool) -> None:
        self._signature = signature_of(function)
        self.function = function
        self.declared = Declared(place_of(function), settings)
        self.takes_context = takes_context
        update_wrapper(self, function)

    def __call__(self, /, *args: Any, **kwargs: Any) -> FunctionJob[R]:
        """A job that calls the function with these arguments. Raises ``UsageError`` if they do not fit."""
        return FunctionJob(
            self.function,
            args,
            kwargs,
            takes_context=self.takes_context,
            known=self._signature,
            declared=self.declared,
        )

    def __reduce__(self) -> str:
        return self.__qualname__  # pickled by reference, as functions are


class JobDecorator(Protocol):
    """What makes a function a ``JobFunction``. One that returns a promise is of the promised value's type, for that
    is what readers of its value get."""

    @overload
    def __call__(self, function: Callable[..., Promise[R]], /) -> JobFunction[R]: ...
    @overload
    def __call__(self, function: Callable[..., R | Promise[R]], /) -> JobFunction[R]: ...
    @overload  # matched by what returns Promise[R] | None
    def __call__(self, function: Callable[..., R], /) -> JobFunction[R]: ...  # type: ignore[overload-cannot-match]


@overload
def job(function: Callable[..., Promise[R]], /) -> JobFunction[R]: ...
@overload
def job(function: Callable[..., R | Promise[R]], /) -> JobFunction[R]: ...
@overload  # matched by what returns Promise[R] | None
def job(function: Callable[..., R], /) -> JobFunction[R]: ...  # type: ignore[overload-cannot-match]
@overload
def job(**keywords: Unpack[JobKeywords]) -> JobDecorator: ...
def job(function: Any = None, /, **keywords: Unpack[JobKeywords]) -> Any:
    """Make a function of a module a maker of jobs: ``@job`` or ``@job(cores=2, memory="1Gi")``.

    The keywords are those of ``JobSettings``, and may be replaced for one job by ``configure``.
    """
    return _decorated(function, JobSettings().updated(**keywords), False)


@overload
def job_function(function: Callable[..., Promise[R]], /) -> JobFunction[R]: ...
@overload
def job_function(function: Callable[..., R | Promise[R]], /) -> JobFunction[R]: ...
@overload  # matched by what returns Promise[R] | None
def job_function(function: Callable[..., R], /) -> JobFunction[R]: ...  # type: ignore[overload-cannot-match]
@overload
def job_function(**keywords: Unpack[JobKeywords]) -> JobDecorator: ...
def job_function(function: Any = None, /, **keywords: Unpack[JobKeywords]) -> Any:
    """As ``@job``, for a function whose first parameter is the ``Context`` of the running job.

    The job is called without it.
    """
    return _decorated(function, JobSettings().updated(**keywords), True)


def _decorated(function: Any, settings: JobSettings, takes_context: bool) -> Any:
    if function is not None:
        return JobFunction(function, settings, takes_context)
    return lambda found: JobFunction(found, settings, takes_context)
