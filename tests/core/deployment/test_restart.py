"""A script that was edited after a failure: new code and requirements count, and what finished is kept."""

from __future__ import annotations

import pytest

TEXT = """
from pathlib import Path
from toil_core.workflow import current
from beside import WORD

NOTES = Path({notes!r})

def note(text):
    with NOTES.open("a") as out:
        out.write(text + "\\n")

@job_function
def begin(context):
    note("begin")
    ends = [context.add_child(end(number)).rv() for number in range(2)]
    ends.append(context.add_child(end(2).configure(memory="70M")).rv())
    return ends

@job(retries=0, memory="50M", cores=0.5)
def end(number):
    note(f"end {{number}}")
    if number != 1:
        raise ValueError("the old code")
    return number
"""


@pytest.mark.parametrize("batch_system", ["apart", "single_machine"])
def test_new_code_and_requirements_count_and_what_finished_is_kept(apart, batch_system):
    notes = apart.node / "tmp" / "notes"
    apart.write("beside.py", "WORD = 'old'\n")
    text = TEXT.format(notes=str(notes))
    apart.script(text, "begin()", clean="never")
    edit(apart, '"apart"', f'"{batch_system}"')
    assert "ValueError: the old code" in apart.run("flow.py", status=1).stderr
    assert sorted(notes.read_text().split("\n")) == ["", "begin", "end 0", "end 1", "end 2"]
    before = sent(apart)
    apart.write("beside.py", "WORD = 'new'\n")
    edit(
        apart, 'raise ValueError("the old code")', "return WORD, current().resources.memory, current().resources.cores"
    )
    edit(apart, '@job(retries=0, memory="50M"', '@job(retries=0, memory="60M"')
    done = apart.run("flow.py", "--restart")
    assert done.stdout == "[('new', 60000000, 0.5), 1, ('new', 70000000, 0.5)]\n"
    assert sorted(notes.read_text().split("\n"))[1:] == ["begin", "end 0", "end 0", "end 1", "end 2", "end 2"]
    after = sent(apart)  # the own code, the list and whose it is are others; the earlier leader's are gone
    assert len(before - after) == len(after - before) == (3 if batch_system == "apart" else 0)


def test_a_script_that_was_moved_meanwhile_is_still_the_workflow(apart):
    apart.script("@job(retries=0)\ndef fail():\n    raise ValueError('old')\n", "fail()")
    edit(apart, '"apart"', '"single_machine"')
    apart.run("flow.py", status=1)
    edit(apart, "raise ValueError('old')", "return 'moved'")
    (apart.leader / "work" / "flow.py").rename(apart.leader / "flow.py")
    assert apart.run("../flow.py", "--restart").stdout == "moved\n"


def test_settings_of_the_graph_that_is_started_with_count(apart):
    text = """
from toil_core.workflow import current

class Fail(Job):
    def run(self, context):
        raise ValueError("old")

def root():
    first = Fail(memory="50M", retries=0)
    first.add_child(Fail(memory="51M", retries=0))
    return first
"""
    apart.script(text, "root()")
    edit(apart, '"apart"', '"single_machine"')
    apart.run("flow.py", status=1)
    edit(apart, 'raise ValueError("old")', "return current().resources.memory")
    edit(apart, '"50M"', '"60M"')
    assert apart.run("flow.py", "--restart").stdout == "60000000\n"


def edit(apart, old, new):
    script = apart.leader / "work" / "flow.py"
    text = script.read_text()
    assert old in text
    script.write_text(text.replace(old, new))


def sent(apart):
    folder = apart.leader / "store" / "code"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
