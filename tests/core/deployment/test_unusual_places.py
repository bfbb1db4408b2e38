"""Scripts that lie, or are named, in ways that few do reach workers all the same."""

from __future__ import annotations

import os
import py_compile

import pytest

LATE = """
@job
def names(*modules):
    import importlib
    return [importlib.import_module(name).NAME for name in modules]
"""
ODD = "my flow-2 é.py"


def test_a_link_to_a_script_brings_what_lies_beside_the_script(apart):
    apart.write("../place/late.py", "NAME = 'late'\n")
    apart.write("../place/steps_1/__init__.py", "NAME = __name__\n")
    os.symlink("steps_1", apart.leader / "place" / "steps")
    apart.script(LATE, "names('late', 'steps', 'steps_1')", f"../place/{ODD}")
    os.symlink(f"../place/{ODD}", apart.leader / "work" / "run-me")
    assert apart.run("run-me").stdout == "['late', 'steps', 'steps_1']\n"


@pytest.mark.parametrize("batch_system", ["apart", "single_machine"])
def test_a_folder_of_modules_only_may_be_started_from_and_import_relatively(apart, batch_system):
    apart.write("lab/deep/leaf.py", "NAME = __name__\n")
    apart.write("lab/near.py", "NAME = __name__\n")
    apart.write("lab/notes.txt", "what people keep beside a script")
    text = """
@job
def names():
    from . import near
    from .deep.leaf import NAME
    return near.NAME, NAME
"""
    apart.script(text, "names()", "lab/flow.py")
    script = apart.leader / "work" / "lab" / "flow.py"
    script.write_text(script.read_text().replace('"apart"', f'"{batch_system}"'))
    assert apart.run("-m", "lab.flow").stdout == "('lab.near', 'lab.deep.leaf')\n"
    if batch_system == "apart":
        assert apart.arrived() == {"0/lab/flow.py", "0/lab/near.py", "0/lab/deep/leaf.py"}


def test_modules_without_a_source_reach_workers(apart):
    for name in ("single", "package/__init__", "package/inner", "flow"):
        apart.write(f"{name}.py", f"NAME = {name!r}\n")
        source = apart.leader / "work" / f"{name}.py"
        if name == "flow":
            apart.script(LATE, "names('single', 'package.inner')")
        py_compile.compile(str(source), cfile=f"{source}c", doraise=True)
        source.unlink()
    apart.write("of_another_python.pyc", "")
    assert apart.run("flow.pyc").stdout == "['single', 'package/inner']\n"
    assert apart.run("-m", "flow").stdout == "['single', 'package/inner']\n"
    assert apart.arrived() == {"0/flow.pyc", "0/single.pyc", "0/package/__init__.pyc", "0/package/inner.pyc"}


def test_two_modules_of_one_name_are_taken_as_python_takes_them_here(apart):
    for folder in ("first", "second"):
        apart.write(f"../{folder}/twice.py", f"NAME = {folder!r}\n")
        apart.write(f"../{folder}/only_{folder}.py", f"NAME = 'only {folder}'\n")
    apart.script(LATE + "\nimport twice, only_first, only_second\n", "names('twice', 'only_first', 'only_second')")
    path = ":".join(str(apart.leader / name) for name in ("site", "second", "first"))
    assert apart.run("flow.py", PYTHONPATH=path).stdout == "['second', 'only first', 'only second']\n"


def test_names_that_are_no_text_reach_workers_unchanged(apart):
    name, data = os.fsdecode(b"fl\xe9w.py"), os.fsdecode(b"d\xe9")
    apart.write("package/__init__.py", "")
    apart.write(f"package/{data}", "bytes")
    text = """
@job
def read():
    from importlib.resources import files
    import os
    return (files("package") / os.fsdecode(b"d\\xe9")).read_text()
"""
    apart.script(text, "read()", name)
    assert apart.run(name).stdout == "bytes\n"
