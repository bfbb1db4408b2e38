"""What a script may change between a failure and a restart, and what it is told about the rest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = """
import sys
from dataclasses import dataclass
from typing import NamedTuple
from toil_core.run import Run
from toil_core.workflow import Job, current, job, job_function
import mod

@dataclass
class Point:
    x: int

class Pair(NamedTuple):
    a: int

class Step(Job):
    def __init__(self, number, **keywords):
        super().__init__(**keywords)
        self.number = number

    def run(self, context):
        raise ValueError("old step")

@job(memory="50M")
def make():
    print("made", file=open("made", "a"))
    return {"point": Point(1), "pair": Pair(2), "other": mod.Other()}

@job(retries=0, memory="50M")
def use(value):
    raise ValueError("old use")

@job_function(memory="50M")
def begin(context, kind):
    if kind == "step":
        return context.add_child(Step(3, retries=0, memory="50M")).rv()
    if kind == "module":
        return context.add_child(mod.fail()).rv()
    made = context.add_child(make())
    return made.add_child(use(made.rv(kind))).rv()

if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    with Run(job_store="store", restart=bool(rest), clean="never") as run:
        print(run.start(begin(kind)))
"""
MODULE = """
from toil_core.workflow import job

class Other:
    pass

@job(retries=0, memory="50M")
def fail():
    raise ValueError("old module")
"""
GONE = "{} any more, which this job was made with. Leave that name in it, for what takes its place"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "flow.py", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """Folders of runs that failed, by what their jobs fail with; made once each."""
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            (made[kind] / "flow.py").write_text(FLOW)
            (made[kind] / "mod.py").write_text(MODULE)
            assert "ValueError: old" in run(made[kind], kind).stderr
        return made[kind]

    return folder


@pytest.fixture
def restarted(failed, tmp_path):
    """Restarts a run that failed, after edits of its files."""

    def restart(kind: str, *edits: tuple[str, str], new_name: str = "mod.py"):
        shutil.copytree(failed(kind), tmp_path, dirs_exist_ok=True)
        for old, new in edits:
            texts = {name: (tmp_path / name).read_text() for name in ("flow.py", "mod.py")}
            assert any(old in text for text in texts.values())
            for name, text in texts.items():
                (tmp_path / name).write_text(text.replace(old, new))
        (tmp_path / "mod.py").rename(tmp_path / new_name)
        done = run(tmp_path, kind, "restart")
        if (tmp_path / "made").exists():
            assert (tmp_path / "made").read_text() == "made\n"  # what had finished is kept
        return done.stdout + done.stderr

    return restart


HEAD = '@job(retries=0, memory="50M")\ndef use(value)'
USE = 'raise ValueError("old use")'
ALIAS = 'def good():\n    return "mended"\n\nfail = good'


@pytest.mark.parametrize(
    ("kind", "edits", "value"),
    [
        ("point", [("    x: int", "    x: int\n    y: int = 5"), (USE, "return value.x, value.y")], "(1, 5)"),
        ("pair", [("    a: int", "    a: int\n    b: int = 7"), (USE, "return value")], "Pair(a=2, b=7)"),
        ("pair", [(HEAD, "@job_function\ndef use(context, value)"), (USE, "return value")], "Pair(a=2)"),
        ("pair", [(HEAD, "def use(value)"), (USE, "return value")], "Pair(a=2)"),
        ("pair", [("use(value)", "use(value, more=3)"), (USE, "return value, more")], "(Pair(a=2), 3)"),
        ("pair", [(HEAD, HEAD.replace("50M", "60M")), (USE, "return current().resources.memory")], "60000000"),
        ("step", [('raise ValueError("old step")', "return self.number")], "3"),
        ("module", [('def fail():\n    raise ValueError("old module")', ALIAS)], "mended"),
    ],
)
def test_new_code_reads_what_the_old_code_left(restarted, kind, edits, value):
    assert value in restarted(kind, *edits)


def test_a_name_that_is_gone_is_told_with_what_to_do(restarted, tmp_path):
    told = restarted("pair", ("def use", "def used"), ("(use(", "(used("))
    place = f'{tmp_path}/flow.py has no "use"'
    assert f"use: {GONE.format(place)}" in told
    assert "Traceback" not in told


def test_a_class_that_is_gone_from_a_module_is_told_with_what_to_do(restarted, tmp_path):
    told = restarted("other", ("class Other", "class Another"), ("mod.Other", "mod.Another"))
    place = f'{tmp_path}/mod.py has no "Other"'
    assert f"use: {GONE.format(place)}" in told
    assert "Traceback" not in told


def test_a_module_that_is_gone_is_told_with_what_to_do(restarted):
    told = restarted("module", ("import mod", "import new as mod"), new_name="new.py")
    assert "fail: there is no module mod here, which this job was made with. Install it where workers run" in told
    assert "Traceback" not in told


def test_a_field_without_a_default_is_told_with_what_to_do(restarted):
    told = restarted("pair", ("    a: int", "    a: int\n    b: int"))
    assert "something that was stored cannot be made again: Pair.__new__() missing 1 required positional" in told
    assert "give what is new in it a default" in told
    assert "Traceback" not in told


def test_arguments_that_fit_no_longer_are_told(restarted):
    told = restarted("pair", ("use(value)", "use(value, more)"), ("(use(made.rv(kind))", "(use(made.rv(kind), 1)"))
    assert """use: job "use" cannot be called like this: missing a required argument: 'more'. It takes""" in told


def test_a_class_that_is_no_job_any_more_is_told(restarted):
    edits = [("class Step(Job)", "class Step"), ("super().__init__(**keywords)", "pass")]
    told = restarted("step", *edits)
    assert "Step: __main__.Step is no Job any more, as it was when the job was made. Make it a subclass of Job" in told
