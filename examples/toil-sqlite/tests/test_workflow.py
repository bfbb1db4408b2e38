"""A workflow runs on the store, and goes on after a crash; the commands of ``toil`` look at it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

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


FILES = """
from pathlib import Path
from toil_core.run import Run
from toil_core.workflow import job_function

HERE = Path(__file__).parent

@job_function
def write(context):
    return context.files.write_bytes(b"content" * 100_000, name="made.txt")

if __name__ == "__main__":
    with Run(job_store=f"sqlite:{HERE / 'run.db'}", clean="never") as run:
        run.start(write())
"""


def test_run_is_looked_at_its_files_are_fetched_and_it_is_removed(tmp_path):
    (tmp_path / "workflow.py").write_text(FILES)
    subprocess.run([sys.executable, str(tmp_path / "workflow.py")], check=True, timeout=120)
    locator = f"sqlite:{tmp_path / 'run.db'}"

    def toil(*words):
        command = [str(Path(sys.executable).with_name("toil")), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert "finished" in toil("status", locator).stdout
    assert "has finished" in toil("kill", locator).stdout
    assert "made.txt" in toil("debug-file", locator).stdout
    done = toil("debug-file", locator, "--fetch", "made.txt", "--local-file-path", str(tmp_path / "got"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "got" / "made.txt").read_bytes() == b"content" * 100_000
    assert toil("clean", locator).returncode == 0
    assert not (tmp_path / "run.db").exists()
