"""What a job has deferred is called whatever ended its process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_core.engine.policy import LOST_LIMIT

Script = Callable[..., "subprocess.CompletedProcess[str]"]

HEAD = """
import os, signal, time
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import Context, job_function

def note(text):
    with open("notes", "a") as out:
        out.write(text + "\\n")

def refuse():
    raise ValueError("no")

class Unsendable:
    def note(self):
        note("of what cannot be sent")

    def __reduce__(self):
        raise OSError("not to another process")

@job_function(cores=0.1, memory="100M", disk="1M", time_limit=2, shares_process={shared})
def ends(context, how):
    context.defer(note, "first")
    context.defer(refuse)
    context.defer(note, text="last")
    context.defer(lambda: note("of this process alone"))
    context.defer(Unsendable().note)
    {how}

if __name__ == "__main__":
    try:
        with Run(job_store="./store", retry_count=0) as run:
            run.start(ends("so"))
    except RunFailed as error:
        print(error.jobs[0].message)
"""


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(
    ("how", "message", "attempts"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "its process was killed by signal 9", LOST_LIMIT + 1),
        ("time.sleep(60)", "it ran longer than its limit of 2.0 s", 1),
        ("os._exit(3)", "its process ended with status 3 and no result", LOST_LIMIT + 1),
    ],
)
def test_what_was_deferred_is_called_where_the_process_is_gone(
    run_script: Script, tmp_path: Path, how: str, message: str, attempts: int, shared: bool
) -> None:
    done = run_script(HEAD.format(how=how, shared=shared))
    assert done.stdout == f"{message}\n", done.stderr
    assert (tmp_path / "notes").read_text() == "last\nfirst\n" * attempts


@pytest.mark.parametrize("how", ["pass", "raise ValueError('so')"])
def test_what_was_deferred_is_called_once_where_the_job_ends_by_itself(
    run_script: Script, tmp_path: Path, how: str
) -> None:
    done = run_script(HEAD.format(how=how, shared=False))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "notes").read_text() == "of what cannot be sent\nof this process alone\nlast\nfirst\n"
