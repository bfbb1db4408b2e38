"""Whoever is killed, no process of the run is left, and no finished work is lost."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(sys.executable).parent / "toil-cwl"
TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'sleep 600 & echo $$ > "$0"; sleep 600']
inputs: {started: {type: string, inputBinding: {}}}
outputs: []
"""


@pytest.fixture
def run(tmp_path):
    """A run whose only tool has started; the leader's process."""
    (tmp_path / "tool.cwl").write_text(TOOL)
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    command = [RUNNER, "--work-dir", tmp_path, "--job-store", tmp_path / "store", "tool.cwl", "--started", fifo]
    leader = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    fifo.read_text()  # blocks until the tool writes
    yield leader
    leader.kill()
    leader.communicate()


def parents():
    """The parent of every process of this machine."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return found


def below(pid):
    """All descendants of a process."""
    known = parents()
    found = {pid}
    while more := {child for child, parent in known.items() if parent in found} - found:
        found |= more
    return found - {pid}


def wait_for_end(pids):
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready = select.select([handle], [], [], 10)[0]
        os.close(handle)
        assert ready, f"process {pid} is left"


def host_of(leader):
    return next(child for child, parent in parents().items() if parent == leader.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("victims", ["leader", "leader and host"])
def test_nothing_is_left_of_a_run_whose_leader_was_killed(run, victims):
    family = below(run.pid)
    assert len(family) >= 4  # the host, a resident worker, the shell, its child
    host = host_of(run)
    run.kill()
    if victims == "leader and host":
        os.kill(host, signal.SIGKILL)
    wait_for_end(family)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_ends_the_tool_says_how_to_resume_and_exits_with_130(run, tmp_path):
    family = below(run.pid)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=20)
    assert run.returncode == 130
    assert f"--restart --job-store file:{tmp_path / 'store'}" in told.decode()
    assert "Traceback" not in told.decode()
    wait_for_end(family)
