"""Jobs that find their inputs in the job store only, as those of a cluster without a shared folder do."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
DOCUMENTS = HERE / "documents"


@pytest.fixture
def run(tmp_path):
    """Runs a document of ours in the leader's folder, which the jobs do not see; its outputs."""
    apart = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []), "true"]
    if shutil.which("unshare") is None or subprocess.run(apart, capture_output=True, check=False).returncode != 0:
        pytest.skip("nothing can be given a view of the file system of its own here")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def start(document, *words):
        runner = [sys.executable, HERE / "detached_runner.py", DOCUMENTS, scratch]
        command = [*runner, "--no-container", "--outdir", tmp_path / "out", DOCUMENTS / document, *words]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


def test_inputs_and_what_a_document_names_come_from_the_job_store(run, tmp_path):
    tree = tmp_path / "scratch" / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "leaf.txt").write_text("mine\n")
    (tmp_path / "scratch" / "given file.txt").write_text("given\n")
    outputs = run("names-files.cwl", "--given", "given file.txt", "--tree", "tree")
    shown = Path(outputs["shown"]["path"]).read_text()
    assert shown.split() == ["begins", "leaf", "begins", "leaf", "given", "usual", "mine", "usual", "leaf"]
    assert Path(outputs["tree"]["path"], "inner", "leaf.txt").read_text() == "mine\n"


def test_secrets_settings_and_processes_that_jobs_make_come_from_the_job_store(run, tmp_path, monkeypatch):
    (tmp_path / "mpi.yml").write_text("runner: env\nnproc_flag: --unset\nenv_set: {FROM_SETTINGS: told}\n")
    monkeypatch.setenv("TOIL_ENABLE_EXT", "true")
    monkeypatch.setenv("TOIL_MPI_CONFIG_FILE", str(tmp_path / "mpi.yml"))
    outputs = run("apart.cwl", "--word", "a secret")
    digest = hashlib.sha1(b"a secret").hexdigest()
    assert Path(outputs["sum"]["path"]).read_text() == f"told\n{digest}  -\n"
    assert Path(outputs["made"]["path"]).read_text() == "made\n"


def test_provenance_is_told_of_what_ran_elsewhere(run, tmp_path, monkeypatch):
    tree = tmp_path / "scratch" / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "leaf.txt").write_text("mine\n")
    (tmp_path / "scratch" / "given.txt").write_text("given\n")
    monkeypatch.setenv("TOIL_PROVENANCE", str(tmp_path / "object"))
    outputs = run("names-files.cwl", "--given", "given.txt", "--tree", "tree")
    for content in (b"mine\n", b"given\n", Path(outputs["shown"]["path"]).read_bytes()):
        digest = hashlib.sha1(content).hexdigest()
        assert (tmp_path / "object" / "data" / digest[:2] / digest).read_bytes() == content
