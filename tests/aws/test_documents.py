"""Workflows whose documents, job orders, inputs and outputs are all in buckets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

WORKFLOW = """
cwlVersion: v1.2
class: Workflow
inputs: {text: {type: File, secondaryFiles: [.idx]}}
outputs: {said: {type: File, outputSource: join/said}}
steps:
  join: {run: "../tools/join text.cwl", in: {text: text}, out: [said]}
"""
TOOL = """
cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {expressionLib: [$include: library.js]}}
baseCommand: cat
arguments: [$(inputs.text.path), $(index(inputs.text.path)), $(inputs.other.path)]
inputs:
  text: {type: File, secondaryFiles: [.idx]}
  other: {type: File, default: {class: File, location: ../data/other.txt}}
stdout: said.txt
outputs: {said: stdout}
"""
OBJECTS = {
    "flows/main.cwl": WORKFLOW,
    "tools/join text.cwl": TOOL,
    "tools/library.js": 'function index(path) { return path + ".idx"; }',
    "orders/job.yml": "text: {class: File, path: ../data/text.txt}\n",
    "data/text.txt": "text ",
    "data/text.txt.idx": "index ",
    "data/other.txt": "other",
}


@pytest.fixture
def bucket(moto, unused, monkeypatch):
    """A bucket with everything in it, and the client that made it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    client = boto3.Session().client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=unused)
    for key, text in OBJECTS.items():
        client.put_object(Bucket=unused, Key=key, Body=text.encode())
    return unused, client


@pytest.fixture
def toil_cwl(tmp_path):
    """Runs the command; its exit code and what it printed on stdout and stderr."""

    def run(*words):
        command = [
            str(Path(sys.executable).with_name("toil-cwl")),
            "--no-container",
            "--work-dir",
            str(tmp_path),
            *words,
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_run_knows_nothing_but_a_bucket(bucket, toil_cwl):
    name, client = bucket
    code, out, told = toil_cwl(
        "--outdir", f"s3://{name}/made", f"s3://{name}/flows/main.cwl", f"s3://{name}/orders/job.yml"
    )
    assert code == 0, told
    assert json.loads(out)["said"]["location"] == f"s3://{name}/made/said.txt"
    assert client.get_object(Bucket=name, Key="made/said.txt")["Body"].read() == b"text index other"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["s3://{}/gone.cwl"], "There is nothing at s3://{}/gone.cwl"),
        (["s3://no-{}/main.cwl"], "There is no bucket of s3://no-{}/main.cwl. Check its name"),
        (["s3://{}/flows/main.cwl", "s3://{}/gone.yml"], "There is nothing at s3://{}/gone.yml"),
    ],
)
def test_what_is_not_there_is_one_line(bucket, toil_cwl, tmp_path, line, said):
    name, _ = bucket
    code, out, told = toil_cwl(*(word.format(name) for word in line))
    assert (code, out) == (2, "")
    assert told.startswith("toil-cwl: error: ")
    assert said.format(name) in told
    assert len(told.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_outputs_that_could_not_be_left_are_told_before_anything_runs(bucket, toil_cwl, tmp_path):
    name, _ = bucket
    inputs = [f"s3://{name}/flows/main.cwl", f"s3://{name}/orders/job.yml"]
    code, out, told = toil_cwl("--outdir", f"s3://no-{name}/made", *inputs)
    assert (code, out) == (2, "")
    assert f"Outputs cannot be left there: There is no bucket of s3://no-{name}/made. Check its name" in told
    assert len(told.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
