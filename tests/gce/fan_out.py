"""A workflow for tests: jobs that each keep two files, and one that reads them all."""

from __future__ import annotations

import argparse
import hashlib

from toil_core.model.file import FileRef
from toil_core.run import Run
from toil_core.workflow import Context, Promise, job_function

LENGTHS = (50, 300_000)
"""One file that is packed with others, and one that is an object of its own."""


def content(number: int, length: int) -> bytes:
    """What a job writes."""
    return (f"{number}," * length).encode()[:length]


@job_function(memory="40M", cores=0.5, disk="1M")
def keep(context: Context, number: int) -> list[FileRef]:
    return [context.files.write_bytes(content(number, length), name=f"{number}-{length}") for length in LENGTHS]


@job_function(memory="40M", cores=0.1, disk="1M")
def add_up(context: Context, kept: list[list[FileRef]]) -> str:
    total = hashlib.md5(usedforsecurity=False)
    for refs in kept:
        for ref in refs:
            with context.files.open(ref) as stream:
                total.update(stream.read())
    return total.hexdigest()


@job_function(memory="40M", cores=0.1, disk="1M")
def begin(context: Context, count: int) -> Promise[str]:
    kept = [context.add_child(keep(number)).rv() for number in range(count)]
    return context.add_follow_on(add_up(kept)).rv()


def outcome(count: int) -> str:
    """What the workflow comes to."""
    total = hashlib.md5(usedforsecurity=False)
    for number in range(count):
        for length in LENGTHS:
            total.update(content(number, length))
    return total.hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments) as run:
        print(run.start(begin(arguments.count)))
