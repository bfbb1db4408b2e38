"""Scripts written for upstream reach workers that see no folder of the leader."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "compat" / "scripts"


@pytest.fixture
def compat(apart):
    """Runs one of the scripts in the leader's folder."""

    def run(name, *words, status=0, batch_system="apart"):
        if not (apart.leader / "work" / f"{name}.py").exists():
            shutil.copy(SCRIPTS / f"{name}.py", apart.leader / "work")
        where = (f"file:{apart.leader / 'store'}", f"--batchSystem={batch_system}")
        return apart.run(f"{name}.py", *where, *words, status=status)

    return run


def test_a_script_without_a_main_guard_finds_its_functions(compat):
    assert compat("no_main_guard").stdout == "42\n"


def test_files_are_sorted_elsewhere(compat, apart):
    lines = [f"line {number}\n" for number in range(300)]
    random.Random(7).shuffle(lines)
    apart.write("words", "".join(lines))
    compat("sort", "--fileToSort", "words", "--outputFile", "sorted", "--N=2000")
    assert (apart.leader / "work" / "sorted").read_text() == "".join(sorted(lines))


def test_what_a_function_asks_for_by_its_defaults_is_read_anew_on_a_restart(compat, apart):
    apart.write(
        "ask.py",
        """
from toil.common import Toil
from toil.job import Job


def root(job):
    return [job.addChildJobFn(child).rv(), job.addChildJobFn(child, memory="80M").rv()]


def child(job, memory="60M", cores=1):
    raise ValueError("old")


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    options.retryCount = 0
    with Toil(options) as toil:
        print(toil.restart() if options.restart else toil.start(Job.wrapJobFn(root)))
""",
    )
    compat("ask", status=1, batch_system="single_machine")
    script = apart.leader / "work" / "ask.py"
    script.write_text(script.read_text().replace('raise ValueError("old")', "return job.memory").replace("60M", "70M"))
    assert compat("ask", "--restart", batch_system="single_machine").stdout == "[70000000, 80000000]\n"
