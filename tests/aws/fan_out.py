"""A workflow for tests: jobs that each write a file, and one that reads them all."""

from __future__ import annotations

import argparse
import hashlib

from toil_core.model.file import FileRef
from toil_core.run import Run
from toil_core.workflow import Context, Promise, job_function

SIZES = (100, 200_000)
"""One that shares an object with others, and one that has its own."""


@job_function(memory="50M", cores=0.5, disk="1M")
def write(context: Context, number: int) -> list[FileRef]:
    return [context.files.write_bytes(f"{number}\n".encode() * size, name=f"{number}.txt") for size in SIZES]


@job_function(memory="50M", cores=0.1, disk="1M")
def digest(context: Context, written: list[list[FileRef]]) -> str:
    whole = hashlib.sha256()
    for ref in (ref for refs in written for ref in refs):
        with context.files.open(ref) as stream:
            whole.update(stream.read())
    return whole.hexdigest()


@job_function(memory="50M", cores=0.1, disk="1M")
def plan(context: Context, count: int) -> Promise[str]:
    writers = [context.add_child(write(number)) for number in range(count)]
    return context.add_follow_on(digest([writer.rv() for writer in writers])).rv()


def expected(count: int) -> str:
    """What the workflow comes to."""
    return hashlib.sha256(
        b"".join(f"{number}\n".encode() * size for number in range(count) for size in SIZES)
    ).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments) as run:
        print(run.start(plan(arguments.count)))
