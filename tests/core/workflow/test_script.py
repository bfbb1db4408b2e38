"""Functions of the script itself reach workers that were not forked from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from beside import LIMIT
from toil_core.workflow import PythonProgram, job
from toil_core.workflow.script import stop_if_loading

class Pair:
    def __init__(self, left, right):
        self.left, self.right = left, right

@job
def total(pair):
    return pair.left + pair.right + LIMIT

{guard}
    stop_if_loading()
    sys.stdout.write(PythonProgram(total(Pair(1, 2))).jobs(None)[0].payload.text)
"""

WORKER = """
import sys
from types import SimpleNamespace
from toil_core.workflow.body import run_job
from toil_core.workflow.pickling import Values

context = SimpleNamespace(job=SimpleNamespace(name="total", id="0"), new_id=None, payload=None)
print(Values({}, "").load(run_job(context, sys.stdin.read(), {})))
"""


def output_of(*command: str, folder: Path, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "beside.py").write_text("LIMIT = 10\n")
    return folder


@pytest.mark.parametrize("guard", ['if __name__ == "__main__":', "if True:"])
def test_a_worker_loads_the_script_and_what_lies_beside_it(tmp_path: Path, package: Path, guard: str) -> None:
    (package / "flow.py").write_text(SCRIPT.format(guard=guard))
    payload = output_of("package/flow.py", folder=tmp_path)
    assert output_of("-c", WORKER, folder=tmp_path.parent, text=payload) == "13\n"


def test_a_worker_loads_a_script_that_was_started_as_a_module(tmp_path: Path, package: Path) -> None:
    (package / "flow.py").write_text(SCRIPT.format(guard="if True:").replace("from beside", "from package.beside"))
    payload = output_of("-m", "package.flow", folder=tmp_path)
    assert payload.startswith(f"package.flow@{tmp_path}\n")
    assert output_of("-c", WORKER, folder=tmp_path.parent, text=payload) == "13\n"


def test_a_script_that_is_gone_or_changed_says_what_is_missing(tmp_path: Path, package: Path) -> None:
    script = package / "flow.py"
    script.write_text(SCRIPT.format(guard="if True:"))
    payload = output_of("package/flow.py", folder=tmp_path)
    script.write_text("\n")
    failing = WORKER.replace("print(", "try:\n    print(") + "except Exception as error:\n    print(error)\n"
    assert 'has no "' in output_of("-c", failing, folder=tmp_path, text=payload)
    script.unlink()
    assert "is not on this machine" in output_of("-c", failing, folder=tmp_path, text=payload)


NAMES_TWICE = """
from toil_core.run import Run
from toil_core.workflow import Job, job, job_function

@job
def length(word):
    return len(word)

@job_function
def double(context, number):
    assert callable(length.function)
    return context.add_child(triple(number)).rv() if number < 9 else number

@job_function
def triple(context, number):
    return context.add_child(double(3 * number)).rv()

class Root(Job[int]):
    def run(self, context):
        return 9

if __name__ == "__main__":
    length = length("abc")
    double = double(length.rv())
    Root, triple = Root(), "else"
    Root.add_child(length).add_follow_on(double)
    with Run() as run:
        print(run.start(Root))
"""


def test_jobs_may_take_the_names_of_what_they_were_made_of(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(NAMES_TWICE)
    assert output_of("flow.py", folder=tmp_path) == "9\n"


def test_a_name_that_no_worker_could_find_is_refused_before_anything_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-"], cwd=tmp_path, input=NAMES_TWICE, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert 'the name "Root" of the script stands for something else' in done.stderr


def test_another_function_by_the_same_name_is_not_taken_for_it(tmp_path: Path) -> None:
    twice = "@job\ndef length(word):\n    return len(word)\n"
    script = f"from toil_core.run import Run\nfrom toil_core.workflow import job\n{twice}first = length('ab')\n{twice}"
    (tmp_path / "flow.py").write_text(f"{script}if __name__ == '__main__':\n    with Run() as run: run.start(first)\n")
    done = subprocess.run([sys.executable, "flow.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "not the same object" in done.stderr) == (1, True), done.stderr


SAYS = """
import subprocess
import sys
from pathlib import Path
from toil_core.run import Run
from toil_core.workflow import job_function

@job_function
def say(context):
    print("said")
    sys.stderr.write("said")
    subprocess.check_call(["echo", "said"])
    return context.files.write_bytes(b"long" * 100000)

if __name__ == "__main__":
    print("before")
    with Run(job_store="store", clean="always") as run:
        run.export_file(run.start(say()), "out.txt")
    Path("size").write_text(str(Path("out.txt").stat().st_size))
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_script_runs_where_nobody_hears_it(tmp_path: Path, closed: str) -> None:
    (tmp_path / "flow.py").write_text(SAYS)
    subprocess.run(
        ["sh", "-c", f"exec {sys.executable} flow.py {closed}"], cwd=tmp_path, capture_output=True, check=True
    )
    assert (tmp_path / "size").read_text() == "400000"
