"""A workflow in Python for tests: some jobs that each keep a file, and one that adds up what is in them."""

from __future__ import annotations

import argparse

from toil_core.model.file import FileRef
from toil_core.run import Run
from toil_core.workflow import Context, Promise, job_function

LENGTHS = (100, 199_900)
"""One file that shares an object with others, and one that is an object of its own."""


@job_function(memory="40M", cores=0.5, disk="1M")
def keep(context: Context, number: int) -> list[FileRef]:
    return [context.files.write_bytes(bytes([number]) * length) for length in LENGTHS]


@job_function(memory="40M", cores=0.1, disk="1M")
def add_up(context: Context, kept: list[list[FileRef]]) -> int:
    total = 0
    for ref in (ref for refs in kept for ref in refs):
        with context.files.open(ref) as stream:
            total += sum(stream.read())
    return total


@job_function(memory="40M", cores=0.1, disk="1M")
def begin(context: Context, count: int) -> Promise[int]:
    kept = [context.add_child(keep(number)).rv() for number in range(count)]
    return context.add_follow_on(add_up(kept)).rv()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments) as run:
        print(run.start(begin(arguments.count)))
