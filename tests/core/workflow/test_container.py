"""Containers from jobs, by a stand-in for docker that runs commands on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

DOCKER = """#!/bin/sh
echo "$@" >> "$NOTED"
case "$1" in
version | image) exit 0 ;;
kill) kill -9 "$(cat "$PLACE/$2")" ;;
run)
    shift
    for word; do
        case "$word" in
        --name=*) name="${word#--name=}" ; shift ;;
        --*) shift ;;
        *) break ;;
        esac
    done
    shift
    setsid "$@" &
    echo $! > "$PLACE/$name.new" && mv "$PLACE/$name.new" "$PLACE/$name"
    wait $!
    ;;
esac
"""

HEAD = """
import os, signal, subprocess, sys, time
from toil_core.api.container import ContainerRun
from toil_core.errors import ToilError
from toil_core.run import Run
from toil_core.workflow import job_function
from toil_core.workflow.container import run_container, start_container
"""


@pytest.fixture
def start(tmp_path: Path):
    """Starts a script beside a docker that is not one."""
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    environment |= {"NOTED": str(tmp_path / "noted"), "PLACE": str(tmp_path)}

    def start(text: str) -> subprocess.Popen[str]:
        path = tmp_path / "script.py"
        path.write_text(HEAD + textwrap.dedent(text))
        command = [sys.executable, "-W", "error", str(path)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True)

    return start


def test_a_job_runs_a_command_in_a_container_and_gets_what_it_prints(start, tmp_path: Path) -> None:
    script = start("""
    @job_function
    def root(context):
        run = ContainerRun("image", ["sh", "-c", "echo printed; exit 3"], "some-name")
        done = run_container(context, run, stdout=subprocess.PIPE)
        return done.stdout.decode(), done.returncode

    if __name__ == "__main__":
        with Run() as run:
            print(run.start(root()))
    """)
    printed, said = script.communicate(timeout=60)
    assert printed == "('printed\\n', 3)\n", said


def test_a_container_that_takes_too_long_is_ended(start, tmp_path: Path) -> None:
    script = start("""
    @job_function
    def root(context):
        run = ContainerRun("image", ["sleep", "600"], "some-name")
        try:
            run_container(context, run, "docker", timeout_seconds=0.5)
        except subprocess.TimeoutExpired:
            return "too long"

    if __name__ == "__main__":
        with Run() as run:
            print(run.start(root()))
    """)
    printed, said = script.communicate(timeout=60)
    assert printed == "too long\n", said
    assert "kill some-name" in (tmp_path / "noted").read_text()


def test_a_job_goes_on_beside_a_container_which_ends_with_it(start, tmp_path: Path) -> None:
    script = start("""
    @job_function
    def root(context):
        place = os.environ["PLACE"]
        os.mkfifo(f"{place}/go")
        first = start_container(context, ContainerRun("image", ["sh", "-c", f"read x < {place}/go; exit 3"], "first"))
        with open(f"{place}/go", "w") as out:
            before = first.exit_status()
            out.write("on\\n")
        found = [before, first.wait(timeout_seconds=60), first.exit_status(), first.is_running()]
        os.mkfifo(f"{place}/up")
        left = start_container(context, ContainerRun("image", ["sh", "-c", f"echo > {place}/up; sleep 600"], "left"))
        open(f"{place}/up").read()
        return found

    if __name__ == "__main__":
        with Run() as run:
            print(run.start(root()))
    """)
    printed, said = script.communicate(timeout=60)
    assert printed == "[None, 3, 3, False]\n", said
    assert "kill left" in (tmp_path / "noted").read_text()
    assert not Path("/proc", (tmp_path / "left").read_text().strip()).exists()


def test_a_killed_job_leaves_no_container(start, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = start("""
    @job_function
    def root(context):
        with open(os.environ["PLACE"] + "/job", "w") as out:
            out.write(str(os.getpid()))
        place = os.environ["PLACE"]
        command = f"mkdir {place}/tried || exit 0; echo up > {place}/fifo; sleep 600"
        run_container(context, ContainerRun("image", ["sh", "-c", command], "some-name"))

    if __name__ == "__main__":
        with Run() as run:
            run.start(root())
    """)
    assert fifo.read_text() == "up\n"
    os.kill(int((tmp_path / "job").read_text()), signal.SIGKILL)
    script.communicate(timeout=60)
    assert script.returncode == 0
    assert "kill some-name" in (tmp_path / "noted").read_text()


def test_without_an_engine_the_first_says_what_to_do(start, tmp_path: Path) -> None:
    script = start("""
    from toil_core.workflow.container import container_engine
    os.environ["PATH"] = "/nowhere"
    try:
        container_engine()
    except ToilError as error:
        print(error)
    """)
    printed, said = script.communicate(timeout=60)
    assert "docker" in printed, said
    assert "Try: " in printed
