"""The judge of the conformance lists: they may only shrink."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

JUDGE = Path(__file__).resolve().parent / "conformance.py"

SUITE = """
- {id: passes, doc: it passes, tool: tool.cwl, job: job.json, output: {}, tags: [required]}
- {id: fails, doc: it fails, tool: tool.cwl, job: job.json, output: {absent: 1}, tags: [required]}
- {id: beyond-it, doc: it is not supported, tool: beyond.cwl, job: job.json, output: {}, tags: [required]}
- {id: may-not-pass, doc: it must be refused, tool: tool.cwl, job: job.json, should_fail: true, tags: [required]}
"""

RUNNER = f"""#!{sys.executable}
import sys
if "--version" in sys.argv:
    print("one that says nothing")
elif "beyond.cwl" in sys.argv:
    sys.exit(33)
else:
    print("{{}}")
"""


@pytest.fixture
def judge(tmp_path):
    (tmp_path / "conformance_tests.yaml").write_text(SUITE)
    (tmp_path / "tool.cwl").write_text("")
    (tmp_path / "beyond.cwl").write_text("")
    (tmp_path / "job.json").write_text("{}")
    runner = tmp_path / "runner"
    runner.write_text(RUNNER)
    runner.chmod(0o755)

    def run(listed, *words):
        missing = tmp_path / "missing.txt"
        missing.write_text(listed)
        command = [sys.executable, str(JUDGE), str(tmp_path), "--missing", str(missing), "--runner", str(runner)]
        return subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)

    return run


def test_a_true_list_is_accepted(judge):
    done = judge("# what is missing\nfails  because\nmay-not-pass\nbeyond-it\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| without containers | 4 | 1 | 1 | 2 |" in done.stdout


def test_a_failure_that_is_not_listed_is_an_error(judge):
    done = judge("")
    assert done.returncode == 1
    assert "fails does not pass and is not listed" in done.stdout
    assert "may-not-pass does not pass and is not listed" in done.stdout


def test_a_listed_test_that_passes_is_an_error(judge):
    done = judge("fails\npasses\n")
    assert done.returncode == 1
    assert "take it off" in done.stdout


def test_a_listed_test_that_does_not_exist_is_an_error(judge):
    done = judge("fails\ngone\n")
    assert done.returncode == 1
    assert "gone is listed and not in the suite" in done.stdout


def test_a_choice_of_tests_is_judged_by_their_own_names(judge):
    done = judge("", "--only", "fails")
    assert done.returncode == 1
    assert "fails does not pass and is not listed" in done.stdout
