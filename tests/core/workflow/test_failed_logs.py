"""A job that failed, however it did, is told of with what it had printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SCRIPT = """
import json, os, signal, sys, time
from toil_core.errors import RunFailed
from toil_core.run import Run
from toil_core.workflow import job, job_function

class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")

@job(cores=0.1)
def killed():
    print("about to be killed")
    os.kill(os.getpid(), signal.SIGKILL)

@job(cores=0.1, time_limit=0.2)
def late():
    print("about to be late")
    time.sleep(50)

@job(cores=0.1)
def chatty():
    print("said first")
    raise ValueError("said last")

@job(cores=0.1)
def mute():
    raise Mute

@job(cores=0.1)
def closed():
    sys.stdout.close()
    sys.stderr.close()
    raise ValueError("said all the same")

@job(cores=0.1)
def quiet():
    sys.stdout.close()

@job_function(cores=0.1)
def mistaken(context):
    context.add_child("no job")  # line 42

@job(cores=0.1)
def root():
    pass

if __name__ == "__main__":
    first = root()
    for make in (killed, late, chatty, mute, closed, quiet, mistaken):
        first.add_child(make())
    try:
        with Run(job_store="store", write_logs="logs", retry_count=0) as run:
            run.start(first)
    except RunFailed as error:
        print(json.dumps({job.name: [job.message, job.log_tail, job.log_path] for job in error.jobs}))
"""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory, run_script_in) -> dict[str, list[str]]:
    done = run_script_in(tmp_path_factory.mktemp("logs"), SCRIPT)
    found: dict[str, list[str]] = json.loads(done.stdout)
    assert set(found) == {"killed", "late", "chatty", "mute", "closed", "mistaken"}, done.stderr
    return found


@pytest.mark.parametrize("name", ["killed", "late"])
def test_a_job_whose_process_was_ended_has_its_log(failed: dict[str, list[str]], name: str) -> None:
    _, tail, path = failed[name]
    assert tail == f"about to be {name}\n"
    assert Path(path).read_text() == tail


def test_an_error_stands_behind_what_the_job_had_printed(failed: dict[str, list[str]]) -> None:
    lines = failed["chatty"][1].splitlines()
    assert (lines[0], lines[-1]) == ("said first", "ValueError: said last")


def test_an_error_is_told_whatever_its_text_and_the_streams_of_the_job(failed: dict[str, list[str]]) -> None:
    assert failed["mute"][0] == "Mute: its text cannot be made, for RuntimeError"
    assert failed["closed"][0] == "ValueError: said all the same"
    assert failed["closed"][1].endswith("ValueError: said all the same\n")


def test_a_mistake_in_the_use_of_the_workflow_has_its_line(failed: dict[str, list[str]]) -> None:
    message, tail, _ = failed["mistaken"]
    assert message.startswith("not a job: 'no job'")
    place, line, *_, told = tail.splitlines()  # some versions of Python underline the place
    assert place.endswith('script.py", line 42, in mistaken')
    assert line.strip() == 'context.add_child("no job")  # line 42'
    assert told == message
