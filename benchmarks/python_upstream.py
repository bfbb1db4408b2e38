"""The jobs of ``python_ours.py`` with upstream Toil: ``python_upstream.py fan-out|chain COUNT``."""

from __future__ import annotations

import sys
from typing import Any

from toil.common import Toil
from toil.job import Job

SMALL = {"memory": "50M", "disk": "1M", "cores": 0.5}


def trivial(job: Any, number: int) -> int:
    """A job that does nothing worth mentioning."""
    return number


def fan_out(job: Any, count: int) -> list[Any]:
    """Many jobs side by side."""
    return [job.addChildJobFn(trivial, number, **SMALL).rv() for number in range(count)]


def chain(job: Any, count: int) -> Any:
    """Many jobs one after the other."""
    last = job.addChildJobFn(trivial, 0, **SMALL)
    for number in range(1, count):
        last = last.addFollowOnJobFn(trivial, number, **SMALL)
    return last.rv()


if __name__ == "__main__":
    shape, count = sys.argv[1], int(sys.argv[2])
    options = Job.Runner.getDefaultOptions("./store")
    options.logLevel, options.clean, options.disableChaining = "ERROR", "always", True
    with Toil(options) as toil:
        result = toil.start(Job.wrapJobFn(fan_out if shape == "fan-out" else chain, count, **SMALL))
    assert result == (list(range(count)) if shape == "fan-out" else count - 1), result
