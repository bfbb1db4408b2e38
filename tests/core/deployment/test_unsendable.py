"""Scripts that cannot be sent say why, in one line, before anything runs."""

from __future__ import annotations

import zipfile

import pytest

RUN = """
from toil_core.run import Run
from toil_core.workflow import job

@job
def nothing():
    pass

from toil_core.errors import ToilError
try:
    with Run(job_store={store!r}, batch_system="apart") as run:
        run.start(nothing())
except ToilError as error:
    print(error)
"""
REASON = "the workflow's script cannot be sent to workers, which see no file of this machine: "
CURE = ", or say --disable-auto-deployment if workers have all its modules\n"


@pytest.mark.parametrize(
    ("before", "words", "why"),
    [
        ("", ("-",), "it was read from standard input"),
        ("import sys; sys.ps1 = '>'\n", ("-",), "it was typed at a prompt"),
        ("import sys; sys.modules['ipykernel'] = sys\n", ("-",), "it is a notebook"),
        ("", ("/dev/stdin",), "/dev/stdin is no file that could be read again"),
    ],
)
def test_a_script_without_a_file_is_refused(apart, before, words, why):
    done = apart.run(*words, text=before + RUN.format(store=str(apart.leader / "store")))
    assert done.stdout == f"{REASON}{why}. Save it to a file, and run that{CURE}"
    assert not (apart.leader / "store").exists()


def test_a_command_given_to_python_is_refused(apart):
    done = apart.run("-c", RUN.format(store=str(apart.leader / "store")))
    assert done.stdout == f"{REASON}it was given to python -c. Save it to a file, and run that{CURE}"


def test_a_frozen_program_and_an_archive_are_refused(apart):
    text = RUN.format(store=str(apart.leader / "store"))
    apart.write("flow.py", "import sys\nsys.frozen = True\n" + text)
    frozen = "this program is frozen into one file. Run its script by Python"
    assert apart.run("flow.py").stdout == REASON + frozen + CURE
    archive = apart.leader / "work" / "flow.pyz"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("__main__.py", text)
    assert apart.run("flow.pyz").stdout == f"{REASON}it lies inside the archive {archive}. Unpack it{CURE}"


def test_a_prompt_may_run_the_jobs_of_a_module(apart):
    apart.write("jobs.py", "from toil_core.workflow import job\n\n@job\ndef answer():\n    return 42\n")
    store = str(apart.leader / "store")
    text = f"import jobs\nfrom toil_core.run import Run\nwith Run(job_store={store!r}, batch_system='apart') as run:\n"
    assert apart.run("-", text=text + "    print(run.start(jobs.answer()))\n").stdout == "42\n"
