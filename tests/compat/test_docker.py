"""Containers from jobs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toil.job import Job
from toil.lib.docker import (
    _command,
    apiDockerCall,
    dockerCall,
    dockerCheckOutput,
    getContainerName,
    subprocessDockerCall,
)
from toil_core.errors import UnsupportedFeature, UsageError

SCRIPT = Path(__file__).parent / "scripts" / "container.py"


@pytest.mark.parametrize("program", ["podman"])
def test_commands_run_in_containers_of_a_real_engine(podman_image, tmp_path, program):
    command = [sys.executable, "-W", "error", str(SCRIPT), "./store", "--image", podman_image, "--retryCount=0"]
    (tmp_path / "in").write_text("words")
    only = tmp_path / "programs"
    only.mkdir()
    (only / "docker").write_text("#!/bin/sh\necho 'no daemon' >&2\nexit 1\n")
    (only / "docker").chmod(0o755)
    environment = {**os.environ, "PATH": f"{only}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    expected = [
        "contentcontent",
        ["hello", "problem"],
        (3, True),
        [True, None],
        ((b"out\n", b"err\n"), [b"a\n", b"b\n"], b"err\n", b"content"),
        ["running", 3, "exited", b"got it\n", b""],
        b"words",
    ]
    assert done.stdout == f"{expected}\n", done.stderr


@pytest.mark.parametrize("given", [{"mem_limit": 5}, {"ports": {}}])
def test_what_the_engines_are_not_asked_for_is_refused(given):
    with pytest.raises(UnsupportedFeature, match=f"{next(iter(given))} of apiDockerCall"):
        apiDockerCall(Job(), "image", ["ls"], **given)


def test_a_variable_without_a_value_is_refused():
    with pytest.raises(UsageError, match="without a value"):
        apiDockerCall(Job(), "image", ["ls"], environment=["HOME"])


def test_containers_of_a_job_have_names_of_their_own():
    job = Job(displayName="align reads/ä")
    assert getContainerName(job).startswith("toil-align-reads-")
    assert getContainerName(job) != getContainerName(job)


@pytest.mark.parametrize("call", [dockerCall, dockerCheckOutput, subprocessDockerCall])
def test_calls_that_upstream_gave_up_name_the_one_that_is_there(call):
    with pytest.raises(UnsupportedFeature, match="Use apiDockerCall"):
        call(Job(), "image")


@pytest.mark.parametrize(
    ("parameters", "entrypoint", "expected"),
    [
        (["ls", "-l", "a b", 5], None, (None, ["ls", "-l", "a b", "5"])),
        (["ls -l", "a b"], None, (None, ["ls", "-l", "a b"])),
        ("ls -l 'a b'", None, (None, ["ls", "-l", "a b"])),
        ([], None, (None, [])),
        (["echo a; echo b"], ["/bin/sh", "-c"], ("/bin/sh", ["-c", "echo a; echo b"])),
        (["x"], "", ("", ["x"])),
        (["x"], "sh -c", ("sh", ["-c", "x"])),
        ([["ls", "a b"], ["wc"]], None, ("/bin/bash", ["-c", "set -eo pipefail && ls 'a b' | wc"])),
        ([["ls"], ["wc"]], ["/bin/sh", "-c"], ("/bin/sh", ["-c", "set -eo pipefail && ls | wc"])),
    ],
)
def test_an_entrypoint_stands_before_the_parameters_and_a_pipe_has_one_of_its_own(parameters, entrypoint, expected):
    assert _command(parameters, entrypoint) == expected
