"""The author's own code reaches workers that see no folder of the leader."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

SUM = """
from beside import LIMIT
from steps import table

@job
def add(left, right):
    import late
    from steps.lazy import twice
    return late.name(), twice(left) + right + LIMIT, table(), __name__
"""
EXPECTED = "('late', 14, 'a table', '__mp_main__')\n"


def write_modules(apart, folder=""):
    apart.write(f"{folder}beside.py", "LIMIT = 10\n")
    apart.write(f"{folder}late.py", "def name():\n    return __name__\n")
    apart.write(
        f"{folder}steps/__init__.py",
        "from importlib.resources import files\n\n"
        "def table():\n    return (files(__name__) / 'table.txt').read_text()\n",
    )
    apart.write(f"{folder}steps/lazy.py", "def twice(number):\n    return 2 * number\n")
    apart.write(f"{folder}steps/table.txt", "a table")


def test_a_script_its_neighbours_and_packages_reach_workers(apart):
    write_modules(apart)
    apart.script(SUM, "add(1, 2)")
    assert apart.run("flow.py").stdout == EXPECTED
    assert not (apart.leader / "store").exists()


def test_a_script_started_as_a_module_finds_its_package(apart):
    write_modules(apart, "package/")
    apart.script(
        SUM.replace("from beside", "from .beside")
        .replace("steps", "package.steps")
        .replace("import late", "from package import late"),
        "add(1, 2)",
        "package/flow.py",
    )
    apart.write("results/module.py", "")
    assert apart.run("-m", "package.flow").stdout == EXPECTED.replace("late", "package.late")


SQUARES = """
import multiprocessing
from dataclasses import dataclass

@dataclass
class Number:
    value: int

def square(number):
    return Number(number.value ** 2)

@job
def squares():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return [number.value for number in pool.map(square, [Number(2), Number(3)])]
"""


def test_processes_that_a_job_starts_find_the_functions_of_its_script(apart):
    apart.script(SQUARES, "squares()")
    assert apart.run("flow.py").stdout == "[4, 9]\n"
    apart.script(SQUARES, "squares()", "package/flow.py")
    assert apart.run("-m", "package.flow").stdout == "[4, 9]\n"


def test_a_folder_with_a_main_file_reaches_workers(apart):
    write_modules(apart)
    apart.script(SUM, "add(1, 2)", "__main__.py")
    assert apart.run(".").stdout == EXPECTED


def test_modules_of_other_folders_reach_workers_under_their_names(apart):
    elsewhere = apart.leader / "elsewhere"
    apart.write("../elsewhere/spread/part.py", "NAME = __name__\n")
    for name in ("near.txt", "package/__init__.py", "package/deep/data", "results/data", "results/module.py"):
        apart.write(f"../elsewhere/spread/{name}", "")
    apart.write("../elsewhere/single.py", "import dynamic\nNAME = __name__\n")
    apart.write("../elsewhere/dynamic.py", "")
    apart.write("../elsewhere/unrelated.py", "")
    apart.script(
        """
@job
def names():
    import dynamic, single
    from spread.part import NAME
    return NAME, single.NAME
""",
        "names()",
    )
    done = apart.run("flow.py", PYTHONPATH=f"{apart.leader / 'site'}:{elsewhere}")
    assert done.stdout == "('spread.part', 'single')\n"
    assert apart.arrived() == {
        "0/flow.py",
        "1/spread/part.py",
        "1/spread/near.txt",
        "1/spread/package/__init__.py",
        "1/spread/package/deep/data",
        "1/single.py",
        "1/dynamic.py",
    }


def test_what_is_no_code_or_could_be_secret_or_is_large_stays_where_it_is(apart):
    write_modules(apart)
    apart.script(SUM, "add(1, 2)", "flow")
    for name in (".env", ".git/config", "steps/.secrets", "steps/__pycache__/x.pyc", "notes.txt", "results/a.py"):
        apart.write(name, "secret")
    for name in ("steps/venv/pyvenv.cfg", "steps/venv/lib/module.py", "steps/store/+store", "steps/store/journal/1"):
        apart.write(name, "")
    os.symlink("..", apart.leader / "work" / "steps" / "up")
    apart.write("steps/model.bin", "")
    os.truncate(apart.leader / "work" / "steps" / "model.bin", 10 * 1024**2 + 1)
    done = apart.run("flow")
    sent = {"flow", "beside.py", "late.py", "steps/__init__.py", "steps/lazy.py", "steps/table.txt"}
    assert apart.arrived() == {f"0/{name}" for name in sent}
    assert "Not sent to workers, being files of more than 10.0 MiB that are no code: " in done.stderr
    assert f"{apart.leader}/work/steps/model.bin" in done.stderr


def test_a_node_that_has_the_code_is_not_sent_it_again(apart):
    write_modules(apart)
    apart.script(SUM, "add(1, 2)", clean="never")
    apart.run("flow.py")
    [unpacked] = (apart.node / "tmp").rglob("flow.py")
    before = unpacked.stat().st_ino
    (apart.leader / "store").rename(apart.leader / "first")
    apart.run("flow.py")
    assert [path.stat().st_ino for path in (apart.node / "tmp").rglob("flow.py")] == [before]
    sent = [{path.name for path in (apart.leader / name / "code").iterdir()} for name in ("first", "store")]
    assert sent[0] == sent[1] != set()


def test_without_deployment_a_worker_says_what_it_lacks(apart):
    apart.script("@job(retries=0)\ndef nothing():\n    pass\n", "nothing()")
    done = apart.run("flow.py", status=1, TOIL_DISABLE_AUTO_DEPLOYMENT="true")
    assert f"the workflow's script {apart.leader / 'work' / 'flow.py'} is not on this machine" in done.stderr
    assert apart.arrived() == set()


def test_workers_of_this_machine_are_sent_nothing(apart):
    apart.script("@job\ndef nothing():\n    pass\n", "nothing()", clean="never")
    script = apart.leader / "work" / "flow.py"
    script.write_text(
        script.read_text().replace('"apart"', '"single_machine"')
        + """
    print([name for name in sys.modules if name.startswith("toil_core.deployment.")])
"""
    )
    assert apart.run("flow.py", PYTHONPATH="").stdout == "None\n['toil_core.deployment.stand_in']\n"
    assert not (apart.leader / "store" / "code").exists()


def test_code_that_is_edited_while_the_run_goes_on_stays_what_it_was(apart):
    pipe = apart.node / "tmp" / "pipe"
    os.mkfifo(pipe)
    apart.write("steps.py", "def word():\n    return 'as it was'\n")
    text = """
@job_function
def begin(context):
    with open("PIPE", "w") as ready:
        ready.write("x")
    with open("PIPE") as go:
        go.read()
    return context.add_child(end()).rv()

@job
def end():
    from steps import word
    return word(), "the old end"
"""
    apart.script(text.replace("PIPE", str(pipe)), "begin()")
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(apart.run, "flow.py")
        run.add_done_callback(lambda _: os.close(os.open(pipe, os.O_RDWR)))  # nobody waits for a run that failed
        assert pipe.read_text() == "x"
        for name in ("flow.py", "steps.py"):
            path = apart.leader / "work" / name
            path.write_text(path.read_text().replace("the old end", "new").replace("as it was", "new"))
        for path in apart.node.glob("tmp/toil-code-*/*"):
            if path.is_dir():
                shutil.rmtree(path)  # as on a node that had not been sent it yet
        pipe.write_text("")
        assert run.result().stdout == "('as it was', 'the old end')\n"
