"""A fan-out in Python; say ``--job-store sqlite:run.db`` to have it on the plugin's store."""

from __future__ import annotations

import argparse

from toil_core.run import Run
from toil_core.workflow import Context, Promise, job, job_function


@job(memory="50M")
def count(word: str) -> int:
    """One of many jobs."""
    return len(word)


@job(memory="50M")
def add(numbers: list[int]) -> int:
    """Runs when all of them have."""
    return sum(numbers)


@job_function(memory="50M")
def begin(context: Context, text: str) -> Promise[int]:
    """Adds a job for each word."""
    counts = [context.add_child(count(word)) for word in text.split()]
    return context.add_follow_on(add([one.rv() for one in counts])).rv()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    Run.add_arguments(parser)
    with Run(parser.parse_args()) as run:
        print(run.start(begin("the quick brown fox jumps over the lazy dog")))
