"""What a type checker, which reads this file in strict mode, knows of jobs and their values."""

from __future__ import annotations

from typing import Any, TypeVar

from toil_core.workflow import Context, Job, Promise, job, job_function

T = TypeVar("T")


@job
def one() -> int:
    return 1


@job(cores=0.5)
def words() -> list[str]:
    return ["a"]


@job_function
def promised(context: Context) -> Promise[int]:
    return context.add_child(one()).rv()


@job_function(cores=0.5)
def grows(context: Context, depth: int) -> int | Promise[int]:
    return context.add_child(grows(depth - 1)).rv() if depth else 1


@job_function
def maybe(context: Context) -> int | None:
    return None


@job_function
def nested(context: Context) -> dict[str, Promise[int]]:
    return {"one": context.add_child(one()).rv()}


class Count(Job[int]):
    def run(self, context: Context) -> int:
        return 1


class Grow(Job[int]):
    def run(self, context: Context) -> int | Promise[int]:
        return self.add_child(one()).rv()


@job_function
def perhaps(context: Context, is_there: bool) -> Promise[int] | None:
    return context.add_child(one()).rv() if is_there else None


def value(run: Any, root: Job[T]) -> T:
    """As ``Run.start``."""
    found: T = run(root).value
    return found


def test_nobody_who_reads_a_value_finds_a_promise_there(run: Any) -> None:
    numbers: list[int] = [
        value(run, root)
        for root in (one(), promised(), grows(2), Count(), Grow(), Job.of(len, [1]), grows(1).encapsulate())
    ]
    assert numbers == [1] * 7
    texts: list[str] = value(run, words())
    nothing: int | None = value(run, maybe())
    assert (texts, nothing, value(run, perhaps(False))) == (["a"], None, None)


def test_promises_are_of_what_is_promised() -> None:
    promises: list[Promise[int]] = [promised().rv(), grows(1).rv(), Grow().rv()]
    assert [promise.path for promise in promises] == [()] * 3
