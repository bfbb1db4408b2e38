"""A script whose run fails ends as a command does: one line, with the place in the script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
{first}
from toil_core.errors import InternalError, StorageError
from toil_core.run import Run

def fail(error):
    with Run(job_store="./store"):
        raise error

if __name__ == "__main__":
    {last}
"""


def ended(folder: Path, last: str, first: str = "") -> tuple[int, str]:
    (folder / "flow.py").write_text(SCRIPT.format(last=last, first=first))
    done = subprocess.run([sys.executable, "flow.py"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("last", "line", "message"),
    [
        ('Run(job_store="cloud:x")', 12, 'No job store for "cloud"'),
        ('Run(job_store="./store", restart=True).__enter__()', 12, "There is no job store"),
        ('fail(StorageError("The disk is gone", "Look for it"))', 9, "The disk is gone. Look for it"),
    ],
)
def test_an_error_is_one_line_with_its_place_in_the_script(tmp_path: Path, last: str, line: int, message: str) -> None:
    code, told = ended(tmp_path, last)
    assert code == 1
    assert told.count("\n") == 1, told
    assert told.startswith(f"{tmp_path / 'flow.py'}:{line}: error: {message}"), told


@pytest.mark.parametrize("error", ["InternalError('of ours')", "ValueError('of the script')"])
def test_a_bug_has_its_traceback(tmp_path: Path, error: str) -> None:
    code, told = ended(tmp_path, f"fail({error})")
    assert code == 1
    assert told.startswith("Traceback")


def test_who_looks_closer_has_the_traceback_besides(tmp_path: Path) -> None:
    code, told = ended(tmp_path, "import logging; logging.getLogger('toil').setLevel(10); Run(job_store='cloud:x')")
    assert code == 1
    assert "Traceback" in told
    assert told.splitlines()[-1].startswith(f"{tmp_path / 'flow.py'}:12: error: ")


def test_a_hook_of_the_programs_own_stays(tmp_path: Path) -> None:
    first = "sys.excepthook = lambda *_: print('mine', file=sys.stderr)"
    assert ended(tmp_path, "Run(job_store='cloud:x')", first) == (1, "mine\n")


AFTERWARDS = """
import sys
from toil_core.run import Run
from toil_core.workflow import job

@job
def done():
    pass

if __name__ == "__main__":
    with Run(job_store="store", clean=sys.argv[1]) as run:
        run.start(done())
        raise ValueError("of the script")
"""


@pytest.mark.parametrize(("clean", "is_kept"), [("always", 0), ("on-error", 0), ("on-success", 1), ("never", 1)])
def test_an_error_of_the_script_after_the_run_counts_as_one_of_the_run(
    tmp_path: Path, clean: str, is_kept: int
) -> None:
    (tmp_path / "flow.py").write_text(AFTERWARDS)
    subprocess.run([sys.executable, "flow.py", clean], cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "store").exists() == is_kept
