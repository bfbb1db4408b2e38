"""Trivial Python jobs with toil-core: ``python_ours.py fan-out|chain COUNT``."""

from __future__ import annotations

import sys

from toil_core.run import Run
from toil_core.workflow import Context, Promise, job, job_function


@job(memory="50M", disk="1M", cores=0.5)
def trivial(number: int) -> int:
    """A job that does nothing worth mentioning."""
    return number


@job_function(memory="50M", disk="1M", cores=0.5)
def fan_out(context: Context, count: int) -> list[Promise[int]]:
    """Many jobs side by side."""
    return [context.add_child(trivial(number)).rv() for number in range(count)]


@job_function(memory="50M", disk="1M", cores=0.5)
def chain(context: Context, count: int) -> Promise[int]:
    """Many jobs one after the other."""
    last = context.add_child(trivial(0))
    for number in range(1, count):
        last = last.add_follow_on(trivial(number))
    return last.rv()


if __name__ == "__main__":
    shape, count = sys.argv[1], int(sys.argv[2])
    with Run(job_store="./store", clean="always") as run:
        result: object = run.start(fan_out(count)) if shape == "fan-out" else run.start(chain(count))
    assert result == (list(range(count)) if shape == "fan-out" else count - 1), result
