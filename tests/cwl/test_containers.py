"""Tools in containers, by the real docker and podman; skipped, with the reason, where they do not run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

RUNNER = Path(sys.executable).parent / "toil-cwl"
TOOL = """
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {{dockerImageId: "{image}"}}
  EnvVarRequirement: {{envDef: {{GREETING: hello}}}}
baseCommand: [sh, -c, '{script}']
inputs:
  words: {{type: File, inputBinding: {{}}}}
outputs:
  made: {{type: File, outputBinding: {{glob: made.txt}}}}
"""


@dataclass(frozen=True)
class Engine:
    """A container engine that runs here, and an image that it has."""

    program: str
    image: str
    flags: tuple[str, ...]

    def running(self):
        """The names of running containers. To podman one that goes while it is listed is an error."""
        for _ in range(50):
            done = subprocess.run(
                [self.program, "ps", "--quiet"], capture_output=True, text=True, timeout=60, check=False
            )
            if done.returncode == 0:
                return done.stdout.split()
        raise AssertionError(done.stderr)


@pytest.fixture(params=["docker", "podman"])
def engine(request):
    image = request.getfixturevalue(f"{request.param}_image")
    return Engine(request.param, image, () if request.param == "docker" else ("--podman",))


@pytest.fixture
def tool(engine, tmp_path):
    """Write a tool that runs a script in the image; the command that runs it."""
    (tmp_path / "words.txt").write_text("some words\n")

    def make(script, image=engine.image):
        (tmp_path / "tool.cwl").write_text(TOOL.format(image=image, script=script))
        work = ["--work-dir", tmp_path, "--job-store", tmp_path / "store"]
        return [RUNNER, *engine.flags, "--outdir", "out", "--retry-count=0", *work, "tool.cwl", "--words", "words.txt"]

    return make


def run(command, tmp_path):
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)


def test_a_tool_reads_its_input_and_leaves_its_output_as_ours(tool, engine, tmp_path):
    script = 'cat "$0" > made.txt; echo $GREETING >> made.txt; test ! -e /home && echo alone >> made.txt'
    done = run(tool(script), tmp_path)
    assert done.returncode == 0, done.stderr
    made = Path(json.loads(done.stdout)["made"]["path"])
    assert made.read_text() == "some words\nhello\nalone\n"
    assert made.stat().st_uid == os.geteuid()
    assert engine.running() == []


def test_a_tool_that_fails_tells_its_status_and_what_it_said(tool, engine, tmp_path):
    done = run(tool("echo no such gene >&2; exit 9"), tmp_path)
    assert done.returncode == 1
    assert "the tool exited with status 9" in done.stderr
    assert "no such gene" in done.stderr
    assert engine.running() == []


def test_an_image_that_is_nowhere_is_told_of_before_anything_runs(tool, tmp_path):
    done = run(tool("true", image="localhost/no-such-image:1"), tmp_path)
    assert done.returncode == 33
    assert "has no image localhost/no-such-image:1. Make it" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("victim", ["interrupt", "leader"])
def test_whoever_ends_a_run_no_container_of_it_is_left(tool, engine, tmp_path, victim):
    leader = subprocess.Popen(tool("sleep 600"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while not (names := engine.running()):
            assert leader.poll() is None
        leader.send_signal(signal.SIGINT if victim == "interrupt" else signal.SIGKILL)
        leader.communicate(timeout=60)
        for name in names:  # the host outlives the leader until it has ended what it started
            subprocess.run([engine.program, "wait", name], capture_output=True, timeout=60, check=False)
        assert engine.running() == []
    finally:
        leader.kill()
        leader.communicate()


def test_a_container_is_left_and_its_id_kept_when_asked_to(engine, tool, tmp_path):
    (tmp_path / "ids").mkdir()
    command = tool("cat words.txt > made.txt || echo there > made.txt")
    flags = ["--leave-container", "--cidfile-dir", "ids", "--cidfile-prefix", "mine"]
    done = run([*command[:1], *flags, *command[1:]], tmp_path)
    assert done.returncode == 0, done.stderr
    (kept,) = (tmp_path / "ids").iterdir()
    assert kept.name.startswith("mine-")
    container = kept.read_text().strip()
    try:
        asked = run([engine.program, "inspect", "--format={{.State.Status}}", container], tmp_path)
        assert asked.stdout.strip() in ("exited", "stopped"), asked.stderr
    finally:
        run([engine.program, "rm", "--force", container], tmp_path)


def test_a_folder_for_ids_that_is_not_there_is_told_before_anything_runs(engine, tool, tmp_path):
    command = tool("echo no > made.txt")
    done = run([*command[:1], "--cidfile-dir", "nowhere", *command[1:]], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "toil-cwl: error: There is no folder nowhere for --cidfile-dir. Try: mkdir nowhere"
    )


def test_an_image_that_is_not_here_is_not_pulled_when_that_is_not_wanted(engine, tmp_path):
    (tmp_path / "tool.cwl").write_text(
        "{cwlVersion: v1.2, class: CommandLineTool, baseCommand: 'true', inputs: [], outputs: [],"
        " requirements: {DockerRequirement: {dockerPull: 'localhost:1/nothing'}}}"
    )
    done = run([RUNNER, *engine.flags, "--disable-pull", "tool.cwl"], tmp_path)
    assert done.returncode == 33
    assert "Try without --disable-pull" in done.stderr.splitlines()[-1]
