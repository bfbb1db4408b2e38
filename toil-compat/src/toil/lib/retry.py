"""Trying again what may succeed the next time, by upstream's names."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from toil_core.system.retry import Patience

R = TypeVar("R")

DEFAULT_DELAYS = (0, 1, 1, 4, 16, 64)
DEFAULT_TIMEOUT = 300

_PATIENCE = Patience(cap_seconds=0.0)  # waits as long as it is told, and adds nothing


class ErrorCondition:
    """Which errors are worth another try: those of a class that, where it is said, have one of some codes, hold
    a text, or pass a test. With ``retry_on_this_condition=False``: which are not."""

    def __init__(
        self,
        error: type[BaseException] | None = None,
        error_codes: Sequence[int] | None = None,
        boto_error_codes: Sequence[str] | None = None,
        error_message_must_include: str | None = None,
        retry_on_this_condition: bool = True,
    ) -> None:
        self.error = error
        self.error_codes = error_codes
        self.boto_error_codes = boto_error_codes
        self.error_message_must_include = error_message_must_include
        self.retry_on_this_condition = retry_on_this_condition

    def fits(self, error: BaseException) -> bool:
        """Whether the error is one of these."""
        if self.error is not None and not isinstance(error, self.error):
            return False
        if self.error_message_must_include and self.error_message_must_include not in str(error):
            return False
        if self.error_codes and get_error_code(error) not in self.error_codes:
            return False
        return not self.boto_error_codes or _boto_code(error) in self.boto_error_codes


def retry(
    intervals: Sequence[float] | None = None,
    infinite_retries: bool = False,
    errors: Sequence[ErrorCondition | type[BaseException]] | None = None,
    log_message: tuple[Callable[[str], object], str] | None = None,
    prepare: Sequence[Callable[[], object]] | None = None,
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A decorator: the function is called again after each interval, in seconds (by default 1, 1, 2, 4, 8),
    while it raises one of ``errors``, by default any ``Exception``; with ``infinite_retries`` the intervals begin anew.

    ``log_message`` is a function and a text to call it with before each try but the first; ``prepare`` are
    functions to call then.
    """
    waits = tuple(intervals) if intervals else (1, 1, 2, 4, 8)
    conditions = [one if isinstance(one, ErrorCondition) else ErrorCondition(one) for one in errors or (Exception,)]

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> R:
            for wait in _forever(waits) if infinite_retries else waits:
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not _is_worth_it(error, conditions):
                        raise
                _PATIENCE.wait(1, wait)
                if log_message is not None:
                    log_message[0](log_message[1])
                for step in prepare or ():
                    step()
            return function(*args, **kwargs)

        return called

    return decorate


def old_retry(
    delays: Iterable[float] = DEFAULT_DELAYS,
    timeout: float = DEFAULT_TIMEOUT,
    predicate: Callable[[Exception], bool] = lambda error: False,
) -> Iterator[AbstractContextManager[None]]:
    """For a loop whose body is ``with attempt:``; it runs again, after each delay and at most until
    ``timeout``, in seconds, while the body raises what ``predicate`` approves of. The last delay is repeated."""
    waits = list(delays)
    if timeout <= 0 or not waits:
        yield _Attempt(predicate, 0.0)
        return
    ends = time.monotonic() + timeout
    number = 0
    while True:
        wait = waits[min(number, len(waits) - 1)]
        attempt = _Attempt(predicate, ends - wait)
        yield attempt
        if not attempt.has_failed:
            return
        _PATIENCE.wait(1, wait)
        number += 1


def get_error_code(error: BaseException) -> int:
    """The status that an error of a web service tells, in whichever way; 0 if none."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    for holder in (error, response):
        for name in ("code", "status", "status_code", "error_code"):
            found = getattr(holder, name, None)
            if isinstance(found, int):
                return found
    return 0


class _Attempt(AbstractContextManager[None]):
    def __init__(self, is_worth_it: Callable[[Exception], bool], until: float) -> None:
        self._is_worth_it = is_worth_it
        self._until = until
        self.has_failed = False

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        is_in_time = time.monotonic() < self._until
        self.has_failed = is_in_time and isinstance(error, Exception) and self._is_worth_it(error)
        return self.has_failed


def _is_worth_it(error: BaseException, conditions: Sequence[ErrorCondition]) -> bool:
    fitting = [condition for condition in conditions if condition.fits(error)]
    return bool(fitting) and all(condition.retry_on_this_condition for condition in fitting)


def _boto_code(error: BaseException) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _forever(waits: Sequence[float]) -> Iterator[float]:
    while True:
        yield from waits
