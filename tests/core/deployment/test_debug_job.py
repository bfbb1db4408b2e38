"""``toil debug-job`` runs a job with the code that the run has sent to its workers."""

from __future__ import annotations

import shutil

import pytest

STEPS = """
from importlib.resources import files

def look(number):
    raise ValueError(f"{(files(__name__) / 'word.txt').read_text()} {number}")
"""
FLOW = """
@job_function
def begin(context):
    return context.add_child(fail(7)).rv()

@job(retries=0)
def fail(number):
    from steps import look
    look(number)
"""
SENT = "It runs with the code that its run has sent"
MISSING = "the workflow's script {} is not on this machine. Put it where workers can read it"


@pytest.fixture
def failed(apart):
    """A run that failed elsewhere, and whose code has gone from the leader's machine since."""
    apart.write("steps/__init__.py", STEPS)
    apart.write("steps/word.txt", "sent")
    apart.script(FLOW, "begin()")
    apart.run("flow.py", status=1)
    return apart


def debug(apart, *words, **variables):
    """What it says, started in a folder that has nothing to do with the run."""
    place = apart.node / "elsewhere"
    place.mkdir(exist_ok=True)
    command = f"import os; os.chdir({str(place)!r}); from toil_core.cli.main import main; raise SystemExit(main())"
    words = ("debug-job", f"file:{apart.leader / 'store'}", "fail", *words)
    variables = {"TMPDIR": str(apart.node / "tmp"), "PYTHONPATH": "", **variables}
    return apart.run("-c", command, *words, status=1, **variables).stderr


def test_a_job_runs_with_the_code_of_its_run_wherever_that_was_started(failed):
    shutil.rmtree(failed.leader / "work")
    (failed.leader / "work").mkdir()
    assert 'The job "fail" failed: ValueError: sent 7' in debug(failed)


def test_code_that_was_edited_since_is_not_used_unless_asked_for(failed):
    failed.write("steps/word.txt", "edited")
    told = debug(failed)
    assert 'The job "fail" failed: ValueError: sent 7' in told
    assert SENT in told
    told = debug(failed, "--disable-auto-deployment")
    assert 'The job "fail" failed: ValueError: edited 7' in told
    assert SENT not in told
    assert "ValueError: edited 7" in debug(failed, TOIL_DISABLE_AUTO_DEPLOYMENT="true")


def test_the_code_is_that_of_the_newest_leader(failed):
    failed.write("steps/word.txt", "mended")
    failed.run("flow.py", "--restart", status=1)
    (failed.leader / "work" / "flow.py").unlink()
    assert "ValueError: mended 7" in debug(failed)


@pytest.mark.parametrize("variables", [{}, {"TOIL_DISABLE_AUTO_DEPLOYMENT": "true"}])
def test_without_sent_code_the_script_that_is_missing_is_named(apart, variables):
    apart.script("@job(retries=0)\ndef fail():\n    raise ValueError\n", "fail()")
    script = apart.leader / "work" / "flow.py"
    script.write_text(script.read_text().replace('"apart"', '"single_machine"'))
    apart.run("flow.py", status=1)
    script.rename(apart.leader / "moved.py")
    told = debug(apart, **variables)
    assert f'The job "fail" failed: {MISSING.format(script)}\n' in told
    assert "Traceback" not in told
