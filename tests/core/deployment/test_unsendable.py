"""Scripts that cannot be sent say why, in one line, before anything runs."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from toil_core.deployment.started import started_script
from toil_core.errors import UsageError
from toil_core.workflow.script import main_script

REASON = "the workflow's script cannot be sent to workers, which see no file of this machine: "
CURE = ", or say --disable-auto-deployment if workers have all its modules"
RUN = """
from toil_core.errors import ToilError
from toil_core.run import Run
from toil_core.workflow import job

@job
def nothing():
    pass

try:
    with Run(job_store={store!r}, batch_system="apart") as run:
        run.start(nothing())
except ToilError as error:
    print(error)
"""


@pytest.fixture
def main(monkeypatch):
    """A script that defines a function, as this process's own."""
    module = ModuleType("__main__")
    exec("def job(): pass", vars(module))
    monkeypatch.setitem(sys.modules, "__main__", module)
    monkeypatch.setattr(sys, "argv", [""])
    monkeypatch.delattr(sys, "ps1", raising=False)
    return module


def refusal():
    with pytest.raises(UsageError) as refused:
        started_script(main_script())
    text = str(refused.value)
    assert text.startswith(REASON)
    assert text.endswith(CURE)
    return text.removeprefix(REASON).removesuffix(CURE)


def test_what_was_typed_at_a_prompt_has_no_file(main, monkeypatch):
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert refusal() == "it was typed at a prompt. Save it to a file, and run that"


def test_a_notebook_has_no_file(main, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    assert refusal() == "it is a notebook. Save it to a file, and run that"


def test_a_command_given_to_python_has_no_file(main, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert refusal() == "it was given to python -c. Save it to a file, and run that"


def test_a_pipe_cannot_be_read_again(main):
    main.__file__ = "/dev/stdin"
    assert refusal() == "/dev/stdin is no file that could be read again. Save it to a file, and run that"


def test_a_frozen_program_has_no_script(main, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert refusal() == "this program is frozen into one file. Run its script by Python"


def test_an_archive_is_to_be_unpacked(main):
    main.__file__ = "/folder/flow.pyz/__main__.py"
    main.__spec__ = importlib.util.spec_from_loader("__main__", None)
    assert refusal() == "it lies inside the archive /folder/flow.pyz. Unpack it"


def test_a_script_from_standard_input_is_refused_before_anything_runs(apart):
    done = apart.run("-", text=RUN.format(store=str(apart.leader / "store")))
    assert done.stdout == f"{REASON}it was read from standard input. Save it to a file, and run that{CURE}\n"
    assert not (apart.leader / "store").exists()


def test_a_prompt_may_run_the_jobs_of_a_module(apart):
    apart.write("jobs.py", "from toil_core.workflow import job\n\n@job\ndef answer():\n    return 42\n")
    store = str(apart.leader / "store")
    text = f"import jobs\nfrom toil_core.run import Run\nwith Run(job_store={store!r}, batch_system='apart') as run:\n"
    assert apart.run("-", text=text + "    print(run.start(jobs.answer()))\n").stdout == "42\n"
