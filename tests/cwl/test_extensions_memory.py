"""Tools that need more memory than they were given, where that can be told."""

from __future__ import annotations

import pytest

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
requirements:
  ResourceRequirement: {ramMin: 300}
  DockerRequirement: {dockerImageId: image}
baseCommand: [tool]
arguments: [$(runtime.ram)]
inputs: []
outputs: []
"""
ENGINE = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$1 $2" in
  "inspect --format"*) echo {oom};;
  inspect*) echo "[]";;
  run*) case "$*" in *--memory=300m*) exit 137;; esac;;
esac
"""


@pytest.fixture
def run(toil_cwl, tmp_path, recording_docker):
    (tmp_path / "tool.cwl").write_text(TOOL)

    def start(*flags, oom="true"):
        engine = recording_docker.folder / "docker"
        engine.write_text(ENGINE.format(folder=recording_docker.folder, oom=oom))
        return toil_cwl(*flags, "tool.cwl", contained=True, **recording_docker.variables)

    return start


def test_a_tool_that_its_container_ended_for_memory_is_told_and_gets_twice_as_much(run, recording_docker):
    told = run("--strict-memory-limit", "--double-mem")
    assert told.code == 0, told.text
    assert "the tool needed more than the 300.0 MiB of memory that it was given" in told.text
    runs = [call for call in recording_docker.calls if call.startswith("run ")]
    assert ["--memory=600m" in call for call in runs] == [False, True]
    assert runs[1].endswith("image tool 600")
    removed = [call for call in recording_docker.calls if call.startswith("rm --force toil-")]
    assert len(removed) == 2
    assert not any("--rm " in call for call in runs)


def test_a_tool_that_ended_with_the_same_status_by_itself_is_not_said_to_need_memory(run):
    told = run("--strict-memory-limit", "--retry-count=0", oom="false")
    assert told.code == 1
    assert "the tool exited with status 137" in told.text


def test_a_tool_that_something_killed_is_told_with_what_may_have_done_it(toil_cwl, tmp_path):
    (tmp_path / "killed.cwl").write_text(
        """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'kill -9 $$']
inputs: []
outputs: []
"""
    )
    told = toil_cwl("--retry-count=0", "killed.cwl")
    assert "the tool was killed by signal 9, as the system does when memory runs out" in told.text
