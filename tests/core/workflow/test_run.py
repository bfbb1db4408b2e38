"""Runs of scripts by the engine, with real processes, failures and kills."""

from __future__ import annotations

import signal
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_core.errors import UsageError
from toil_core.run import Run

HEAD = """
import logging, os, signal, sys
from pathlib import Path
from toil_core.errors import RunFailed, ToilError
from toil_core.run import Run
from toil_core.workflow import Context, Job, current, job, job_function

def note(text):
    with open("notes", "a") as notes:
        notes.write(text + "\\n")

@job
def done(value):
    note(str(value))
    return value
"""

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(run_script: Script) -> Script:
    """Runs a script of the jobs above and what it is given."""
    return lambda text, *arguments: run_script(HEAD + text, *arguments)


def notes(folder: Path) -> list[str]:
    return (folder / "notes").read_text().split()


def test_an_edited_script_goes_on_where_the_failed_one_ended(script: Script, tmp_path: Path) -> None:
    text = """
@job(retries=0)
def broken(text):
    print("about to fail")
    raise ValueError("the old code")

if __name__ == "__main__":
    with Run(job_store="store", restart="--restart" in sys.argv) as run:
        root = done("root")
        child = root.add_child(broken(root.rv()))
        root.add_child(done("sibling"))
        child.add_child(done(child.rv()))
        try:
            print(run.start(root))
        except RunFailed as error:
            print([(one.name, one.message) for one in error.jobs], error.jobs[0].log_tail)
            sys.exit(error.exit_code)
"""
    failed = script(text)
    assert failed.returncode == 1, failed.stderr
    assert "('broken', 'ValueError: the old code')" in failed.stdout
    assert "about to fail" in failed.stdout
    edited = text.replace('raise ValueError("the old code")', 'return "mended"')
    again = script(edited, "--restart")
    assert (again.stdout, again.returncode) == ("root\n", 0), again.stderr
    assert sorted(notes(tmp_path)) == ["mended", "root", "sibling"]
    assert not (tmp_path / "store").exists()


def test_a_failed_script_shows_where_its_own_code_failed(script: Script) -> None:
    done = script("""
@job
def divide(number):
    return 1 / number

if __name__ == "__main__":
    with Run(job_store="./store", retry_count=0) as run:
        run.start(divide(0))
""")
    assert done.returncode == 1
    told, _, uncaught = done.stderr.partition("whole log")
    assert "What failed:" in told
    assert "ZeroDivisionError: division by zero" in told
    assert ", in divide" in told
    assert told.count("File ") == 1  # none of the engine's own
    assert "error: 1 job failed. Go on from here" in uncaught


def test_an_illegal_graph_leaves_nothing_behind(script: Script, tmp_path: Path) -> None:
    text = """
if __name__ == "__main__":
    root = done("root")
    root.add_child(done(done("stray").rv()))
    try:
        with Run(job_store="store") as run:
            run.start(root)
    except ToilError as error:
        print(error)
"""
    refused = script(text)
    assert 'reads the promise of "done", which cannot be reached from the root' in refused.stdout
    assert not (tmp_path / "store").exists()
    assert not (tmp_path / "notes").exists()


def test_imported_and_exported_files_and_messages(script: Script, tmp_path: Path) -> None:
    text = """
@job_function
def twice(context, ref):
    context.log("hello leader")
    return context.files.write_bytes(context.files.local_path(ref).read_bytes() * 2)

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    Path("in").write_text("abc")
    with Run() as run:
        run.export_file(run.start(twice(run.import_file("in"))), "out")
"""
    finished = script(text)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "out").read_text() == "abcabc"
    assert "twice: hello leader" in finished.stderr


def test_a_fresh_worker_host_finds_the_jobs_of_the_script(script: Script, tmp_path: Path) -> None:
    text = """
@job
def kills_its_host_once():
    if not Path("killed").exists():
        Path("killed").touch()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return __name__

with Run() as run:
    root = kills_its_host_once()
    root.add_child(done(root.rv()))
    print(run.start(root))
"""
    finished = script(text)
    assert (finished.stdout, finished.returncode) == ("__mp_main__\n", 0), finished.stderr
    assert notes(tmp_path) == ["__mp_main__"]


def test_a_script_that_cannot_be_loaded_by_a_fresh_worker_host_says_why(script: Script) -> None:
    text = """
if __name__ != "__main__":
    raise RuntimeError("only to be run")

@job(retries=0)
def kills_its_host():
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()

with Run(clean="always") as run:
    run.start(kills_its_host())
"""
    finished = script(text)
    assert finished.returncode == 1
    assert "kills_its_host: RuntimeError: only to be run" in finished.stderr


def test_a_killed_leader_is_followed_by_one_that_runs_only_what_is_left(script: Script, tmp_path: Path) -> None:
    text = """
from toil_core.model.event import EventKind

def die(event):
    if event.kind is EventKind.JOB_SUCCEEDED and event.name == "middle":
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    is_restart = "--restart" in sys.argv
    with Run(job_store="store", restart=is_restart, observe=None if is_restart else die) as run:
        root = done("root")
        middle = root.add_follow_on(done("middle").configure(name="middle"))
        for _ in range(2):
            middle.add_child(done("last"))
        print(run.restart() if is_restart else run.start(root))
"""
    killed = script(text)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = script(text, "--restart")
    assert (again.stdout, again.returncode) == ("root\n", 0), again.stderr
    # What was journaled is never run again; the last ones may have been running when the leader died.
    assert notes(tmp_path)[:2] == ["root", "middle"]
    assert set(notes(tmp_path)[2:]) == {"last"}


def test_a_new_run_has_nothing_to_restart(script: Script) -> None:
    text = """
if __name__ == "__main__":
    for use in (lambda run: run.restart(), lambda run: run.start(done)):
        try:
            with Run() as run:
                use(run)
        except ToilError as error:
            print(error)
    try:
        Run(colour="red")
    except ToilError as error:
        print(error)
"""
    lines = script(text).stdout.splitlines()
    assert "nothing to go on with" in lines[0]
    assert "not a job" in lines[1]
    assert "not an option of a run: colour" in lines[2]


def test_what_a_killed_leader_has_not_begun_is_to_be_started_anew(script: Script) -> None:
    text = """
from toil_core.local.file_storage import FileStorage
from toil_core.store.job_store import JobStore

if __name__ == "__main__":
    JobStore(FileStorage("store"), "file:store", appends=True).create()
    with Run(job_store="store", restart=True) as run:
        run.restart()
"""
    (line,) = script(text).stderr.splitlines()
    assert line.endswith("Remove its job store with toil clean, then start without --restart")


def test_options_come_from_code_arguments_environment_and_file(script: Script, tmp_path: Path) -> None:
    text = """
import argparse

@job
def given():
    resources = current().resources
    return resources.cores, resources.memory, resources.disk, current().attempt

@job
def fails_twice():
    with open("tries", "a") as tries:
        tries.write("x")
    if Path("tries").stat().st_size < 3:
        raise ValueError("not yet")
    return given.function()

if __name__ == "__main__":
    os.environ["TOIL_DEFAULT_DISK"] = "3M"
    os.environ["TOIL_DEFAULT_CORES"] = "0.1"
    Path("options.yaml").write_text("default_memory: 70M\\ndefault_disk: 1M\\n")
    parser = argparse.ArgumentParser()
    parser.add_argument("mine")
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments, default_cores=0.25, work_dir=Path("work")) as run:
        print(arguments.mine, run.start(fails_twice()))
"""
    (tmp_path / "work").mkdir()
    command = ("own", "--config", "options.yaml", "--retryCount", "2", "--default-cores=0.5", "--log-file", "log")
    finished = script(text, *command)
    assert finished.stdout == "own (0.25, 70000000, 3000000, '1.3')\n", finished.stderr
    assert (tmp_path / "log").read_text().count("fails_twice: ValueError: not yet") == 2
    assert list((tmp_path / "work").glob("toil-store-*")) == []


def test_what_no_parser_has_read_is_refused_with_what_to_say() -> None:
    with pytest.raises(UsageError, match="not those that a parser has read"):
        Run("./store")  # type: ignore[arg-type]


def test_the_users_own_file_counts_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".toil").mkdir()
    (tmp_path / ".toil" / "config.yaml").write_text("retry_count: 7\ndouble_mem: on\n")
    (tmp_path / "named.yaml").write_text("retry_count: 3\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    own = Run(job_store=str(tmp_path / "store"))._settings.policy
    named = Run(job_store=str(tmp_path / "store"), config=tmp_path / "named.yaml")._settings.policy
    assert (own.retries, own.double_memory) == (7, True)
    assert (named.retries, named.double_memory) == (3, False)


def test_the_engine_keeps_the_order_and_the_promises(script: Script, tmp_path: Path) -> None:
    text = """
@job
def add(left, right):
    return left + right

@job_function
def tree(context, depth):
    if depth == 0:
        return 1
    left, right = (context.add_child(tree(depth - 1)) for _ in range(2))
    return context.add_follow_on(add(left.rv(), right.rv()).configure(cores=left.rv())).rv()

@job_function(cores=0.1)
def grows(context):
    whole = tree(2).configure(cores=0.5).encapsulate()
    context.add_child(whole)
    last = whole.add_child(done(whole.rv()).configure(memory=whole.rv()))
    note("grown")
    return {"sum": whole.rv(), "last": [last.rv()]}

if __name__ == "__main__":
    with Run(enforce_memory=False, max_cores=4) as run:
        root = grows()
        root.add_follow_on(done("follow-on"))
        print(run.start(root))
"""
    finished = script(text)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "{'sum': 4, 'last': [4]}\n"
    assert notes(tmp_path) == ["grown", "4", "follow-on"]


def test_a_checkpoint_is_run_again_when_something_below_it_failed(script: Script, tmp_path: Path) -> None:
    text = """
@job(retries=0)
def fails_once():
    note("try")
    if not Path("failed").exists():
        Path("failed").touch()
        raise ValueError("the first time")
    return "well"

@job_function(checkpoint=True)
def checkpoint(context):
    note("checkpoint")
    return context.add_child(fails_once()).rv()

@job_function
def start(context):
    whole = checkpoint().encapsulate()
    context.add_child(whole)
    return whole.add_child(done(whole.rv())).rv()

if __name__ == "__main__":
    with Run() as run:
        print(run.start(start()))
"""
    finished = script(text)
    assert (finished.stdout, finished.returncode) == ("well\n", 0), finished.stderr
    assert notes(tmp_path) == ["checkpoint", "try", "checkpoint", "try", "well"]


def test_a_requirement_is_computed_from_promises(script: Script) -> None:
    text = """
    from toil_core.workflow import Computed

    @job
    def measured():
        return 5

    def megabytes(number, unit):
        return number * unit

    def thousand(number):
        return number * 1000

    @job
    def asked():
        return current().resources.disk

    @job_function
    def root(context):
        number = context.add_child(measured()).rv()
        disk = Computed(megabytes, (Computed(thousand, (number,)), 1000))
        return context.add_follow_on(asked().configure(disk=disk)).rv()

    with Run() as run:
        print(run.start(root()))
    """
    done = script(textwrap.dedent(text))
    assert done.stdout == "5000000\n", done.stderr


def test_an_encapsulated_root_has_the_value_of_the_job_inside(script: Script) -> None:
    text = """
    @job_function
    def inner(context):
        return context.add_child(done("from below")).rv()

    whole = inner().encapsulate().encapsulate()
    whole.add_child(done("after"))
    with Run() as run:
        print(run.start(whole))
    """
    done = script(textwrap.dedent(text))
    assert done.stdout == "from below\n", done.stderr


def test_the_values_of_all_options_can_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOIL_RETRY_COUNT", "5")
    file = tmp_path / "options.yaml"
    file.write_text("retry-count: 4\nmax-jobs: 3\n")
    values = Run.resolved(file, default_memory="1Gi", work_dir=None)
    assert (values["retry_count"], values["max_jobs"], values["default_memory"]) == (5, 3, 1024**3)
    assert values["work_dir"] is None
    values = Run.resolved(file, {"max_jobs": "8", "double_mem": "true"}, default_memory="1Gi")
    assert (values["max_jobs"], values["double_mem"]) == (3, True)
    assert values.keys() == {option.name for option in Run.options()}


def test_a_store_that_cannot_be_removed_costs_no_result(script: Script, tmp_path: Path) -> None:
    done = script("""
from toil_core.errors import StorageError
from toil_core.local.file_storage import FileStorage

def destroy(self):
    raise StorageError("The job store could not be removed: access is denied", "Ask its owner")

@job
def one():
    return 1

if __name__ == "__main__":
    FileStorage.destroy = destroy
    with Run(job_store="./store") as run:
        result = run.start(one())
    print(result)
""")
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    warning = done.stderr.splitlines()[-1]
    assert "access is denied. Ask its owner. The run has ended; later: toil clean file:" in warning
    assert (tmp_path / "store").exists()
