"""Limits that real container engines enforce; skipped, with the reason, where they do not run."""

from __future__ import annotations

import subprocess

import pytest

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {{dockerImageId: "{image}"}}
  ToolTimeLimit: {{timelimit: {seconds}}}
  ResourceRequirement: {{ramMin: 32}}
baseCommand: [sh, -c, '{script}']
inputs: []
outputs: []
"""
TAKES_256_MIB = "x=aaaaaaaaaaaaaaaa; i=0; while test $i -lt 24; do x=$x$x; i=$((i + 1)); done"


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_a_container_past_its_time_limit_is_ended_and_gone(request, toil_cwl, tmp_path, name):
    image = request.getfixturevalue(f"{name}_image")
    (tmp_path / "tool.cwl").write_text(TOOL.format(image=image, seconds=1, script="sleep 600"))
    told = toil_cwl(*([f"--{name}"] if name == "podman" else []), "--retry-count=0", "tool.cwl", contained=True)
    assert told.code == 1
    assert "it ran longer than its time limit of 1 seconds" in told.text
    assert said(name, "ps", "--all", "--quiet") == ""


def test_a_container_that_needs_more_memory_than_it_has_is_ended_told_and_gone(docker_image, toil_cwl, tmp_path):
    if said("docker", "info", "--format={{.MemoryLimit}}") != "true":
        pytest.skip("docker cannot limit memory here")
    (tmp_path / "tool.cwl").write_text(TOOL.format(image=docker_image, seconds=0, script=TAKES_256_MIB))
    told = toil_cwl("--strict-memory-limit", "--retry-count=0", "tool.cwl", contained=True)
    assert told.code == 1
    assert "the tool needed more than the 32.0 MiB of memory that it was given" in told.text
    assert said("docker", "ps", "--all", "--quiet") == ""
