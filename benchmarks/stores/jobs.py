"""How many requests a run of trivial jobs makes: counted by a proxy between the run and the server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.stores.contestant import Service
from benchmarks.stores.turns import TripFailed

from toil_core.testing import FaultProxy

RUN_SECONDS = 600
SCRIPT = """
import argparse
from toil_core.run import Run
from toil_core.workflow import Context, job, job_function

@job(memory="10M", cores=0.01, disk="1M")
def nothing() -> None:
    pass

@job_function(memory="10M", cores=0.01, disk="1M")
def plan(context: Context, count: int) -> None:
    for _ in range(count):
        context.add_child(nothing())

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments, log_level="warning") as run:
        run.start(plan(arguments.count))
"""


@dataclass(frozen=True)
class JobsRun:
    """A whole run of ``count`` jobs, its store's making and removal included."""

    count: int
    wall_seconds: float
    requests: int


def run_jobs(service: Service, environment: Mapping[str, str], folder: Path, count: int) -> JobsRun:
    """Run them. Raises ``TripFailed``."""
    script = folder / "jobs.py"
    script.write_text(SCRIPT)
    url = environment[service.endpoint]
    with FaultProxy(url) as proxy:
        led = {service.endpoint: url.replace(f"http://{urlsplit(url).netloc}", proxy.endpoint)}
        locator = service.locator(f"bench-jobs-{time.time_ns() % 10**9}", environment)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(script), str(count), "--job-store", locator],
            env={**os.environ, **environment, **led},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )
        took, requests = time.monotonic() - began, len(proxy.requests)
    if done.returncode != 0:
        raise TripFailed(f"{count} jobs: {(done.stdout + done.stderr)[-2000:]}")
    return JobsRun(count, took, requests)
