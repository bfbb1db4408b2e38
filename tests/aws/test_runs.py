"""Whole runs keep everything in a bucket, through crashes of the leader and of the server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import boto3
import pytest

from aws.fan_out import expected
from aws.whole_run import SCRIPT, SECONDS, WholeRun
from random_kills import printed_after_kills

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lambda-genome"
COUNT = 20


def toil(*words, program="toil"):
    """A command's exit code and all that it printed."""
    command = [str(Path(sys.executable).with_name(program)), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr, done.stdout


@pytest.fixture
def locator(at_server, unused):
    """A store's locator at a server, which the environment names; it is removed at the end."""
    yield f"aws:us-west-2:{unused}"
    code, printed, _ = toil("clean", "--force", f"aws:us-west-2:{unused}")
    assert code == 0, printed


@pytest.fixture
def buckets(at_server):
    """Tells the names of all buckets."""
    client = boto3.Session().client("s3", region_name="us-east-1")
    return lambda: {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}


@pytest.mark.slow
def test_the_example_of_the_readme_leaves_its_outputs_in_a_bucket_and_nothing_else(locator, unused, buckets, tmp_path):
    client = boto3.Session().client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=f"out-{unused}")
    before = buckets()
    outputs = f"s3://out-{unused}/genes"
    inputs = [str(EXAMPLE / "genes.cwl"), str(EXAMPLE / "lambda.yml")]
    code, printed, out = toil("--job-store", locator, "--outdir", outputs, *inputs, program="toil-cwl")
    assert code == 0, printed
    told = json.loads(out)
    kept = client.get_object(Bucket=f"out-{unused}", Key="genes/lambda-genes.tsv")["Body"].read()
    assert told["genes"]["location"] == f"{outputs}/lambda-genes.tsv"
    assert len(kept) == told["genes"]["size"]
    assert buckets() == before


@pytest.mark.slow
def test_inputs_are_read_from_a_bucket(locator, unused, tmp_path):
    client = boto3.Session().client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=f"in-{unused}")
    client.put_object(Bucket=f"in-{unused}", Key="folder/a file.txt", Body=b"content")
    document = tmp_path / "count.cwl"
    document.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [wc, -c]\nstdout: out\n"
        "inputs:\n  it: {type: File, inputBinding: {position: 1}}\noutputs:\n  out: {type: stdout}\n"
    )
    job = tmp_path / "job.yml"
    job.write_text(f"it: {{class: File, location: 's3://in-{unused}/folder/a%20file.txt'}}\n")
    words = ["--job-store", locator, "--outdir", str(tmp_path / "out"), str(document), str(job)]
    code, printed, out = toil(*words, program="toil-cwl")
    assert code == 0, printed
    assert Path(json.loads(out)["out"]["path"]).read_text().split()[0] == "7"


@pytest.mark.slow
def test_folder_in_a_bucket_is_an_input_and_one_is_an_output(locator, unused, tmp_path):
    client = boto3.Session().client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=f"in-{unused}")
    for name in ("a.txt", "below/b.txt"):
        client.put_object(Bucket=f"in-{unused}", Key=f"folder/{name}", Body=name.encode())
    document = tmp_path / "copy.cwl"
    document.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [cp, -rL]\narguments: [copied]\n"
        "inputs:\n  it: {type: Directory, inputBinding: {position: -1}}\n"
        "outputs:\n  out: {type: Directory, outputBinding: {glob: copied}}\n"
    )
    job = tmp_path / "job.yml"
    job.write_text(f"it: {{class: Directory, location: 's3://in-{unused}/folder'}}\n")
    words = ["--job-store", locator, "--outdir", f"s3://in-{unused}/made", str(document), str(job)]
    code, printed, _ = toil(*words, program="toil-cwl")
    assert code == 0, printed
    made = client.list_objects_v2(Bucket=f"in-{unused}", Prefix="made/")["Contents"]
    assert {entry["Key"] for entry in made} == {"made/copied/a.txt", "made/copied/below/b.txt"}


def test_python_fans_out(locator, tmp_path):
    with WholeRun(tmp_path, locator, COUNT) as run:
        assert run.finish() == expected(COUNT)


@pytest.mark.parametrize("finished", [1, 7, COUNT])
@pytest.mark.slow
def test_killed_leader_is_followed_by_one_that_goes_on(locator, tmp_path, finished):
    with WholeRun(tmp_path, locator, COUNT) as first:
        first.wait_for("job-succeeded", finished)
        first.kill()
    assert toil("status", locator)[0] == 0
    with WholeRun(tmp_path, locator, COUNT, "--restart") as second:
        assert second.finish() == expected(COUNT)


@pytest.mark.slow
def test_leaders_killed_at_random_moments_change_no_result(locator, tmp_path):
    assert printed_after_kills(tmp_path, [str(SCRIPT), "--count", str(COUNT)], locator) == expected(COUNT)


@pytest.mark.parametrize("at_server", ["rgw"], indirect=True)
@pytest.mark.slow
def test_run_waits_for_a_server_that_is_killed_and_started_again(rgw, locator, tmp_path):
    with WholeRun(tmp_path, locator, COUNT) as run:
        run.wait_for("job-succeeded", 5)
        rgw.kill()
        starting = threading.Thread(target=rgw.start_again)
        starting.start()
        try:
            assert run.finish() == expected(COUNT)
        finally:
            starting.join()


@pytest.mark.slow
def test_interrupted_creation_is_cleaned(locator, buckets, tmp_path):
    bucket = f"toil-{locator.rpartition(':')[2]}"
    client = boto3.Session().client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=bucket)
    for left in ({}, {"toil-claim": b""}, {"toil-claim": b"", "toil-probe/x": b"1"}):
        for key, content in left.items():
            client.put_object(Bucket=bucket, Key=key, Body=content)
        code, printed, _ = toil("status", locator)
        assert code == 1
        assert "toil clean" in printed or "no job store" in printed
        assert toil("clean", locator)[0] == 0
        assert bucket not in buckets()
        client.create_bucket(Bucket=bucket)
