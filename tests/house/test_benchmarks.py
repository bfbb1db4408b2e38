"""The benchmarks run; what they measure is not judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def run(root, *arguments, **variables):
    command = [sys.executable, "-m", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)


def test_the_simulated_cluster_takes_every_job_to_its_end(root):
    done = run(root, "benchmarks.state_machine", "2000", "50")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["transitions"] >= 1000


def test_a_case_is_measured_and_shown_as_a_table(root, tmp_path):
    table = tmp_path / "results.md"
    done = run(root, "benchmarks.bench", "toil-help", "--times", "2", "--output", str(table))
    assert done.returncode == 0, done.stderr
    assert "| toil --help | ours |" in table.read_text()


def test_a_command_that_fails_is_an_error(root, tmp_path):
    done = run(root, "benchmarks.bench", "echo", "--times", "1", "--ours", str(tmp_path))
    assert done.returncode == 1
    assert "echo failed" in done.stderr


def test_a_server_that_is_not_here_is_left_out_and_named(root, tmp_path):
    table = tmp_path / "stores.md"
    done = run(root, "benchmarks.stores", "google", "--out", str(table), TOIL_STORAGE_TESTBENCH="")
    assert done.returncode == 0, done.stderr
    assert "google left out: TOIL_STORAGE_TESTBENCH names no checkout" in done.stderr
    assert "| store | case | contestant |" in table.read_text()
