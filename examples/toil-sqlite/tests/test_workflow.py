"""A workflow runs on the store, and goes on after a crash."""

from __future__ import annotations

import signal
import subprocess
import sys

WORKFLOW = """
import os, signal, sys
from pathlib import Path
from toil_core.run import Run
from toil_core.workflow import job, job_function

HERE = Path(__file__).parent

@job
def square(number):
    return number * number

@job
def add(leader, numbers):
    if not (HERE / "has crashed").exists():
        (HERE / "has crashed").touch()
        os.kill(leader, signal.SIGKILL)
    return sum(numbers)

@job_function
def begin(context, leader):
    squares = [context.add_child(square(number)) for number in range(8)]
    return context.add_follow_on(add(leader, [one.rv() for one in squares])).rv()

if __name__ == "__main__":
    with Run(job_store=f"sqlite:{HERE / 'run.db'}", restart="--restart" in sys.argv) as run:
        print(run.start(begin(os.getpid())))
"""


def test_run_that_was_killed_goes_on_to_the_same_result(tmp_path):
    script = tmp_path / "workflow.py"
    script.write_text(WORKFLOW)

    def run(*arguments):
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    killed = run()
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (tmp_path / "run.db").exists()
    done = run("--restart")
    assert (done.returncode, done.stdout) == (0, "140\n"), done.stderr
    assert not (tmp_path / "run.db").exists()
