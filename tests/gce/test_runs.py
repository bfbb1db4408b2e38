"""Whole runs keep everything in a bucket, through crashes of the leader and outages of the service."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from gce.fan_out import outcome
from gcs_servers import HURRIED
from random_kills import printed_after_kills
from stored_documents import DOCUMENTS
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Request, Reset
from toil_gce.storage import GoogleStorage

pytestmark = [pytest.mark.network, pytest.mark.slow]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lambda-genome"
SCRIPT = Path(__file__).with_name("fan_out.py")
SECONDS = 240
COUNT = 16


@pytest.fixture
def locator(gcs: str, unused: str) -> Iterator[str]:
    """A store's locator, of a store that is gone at the end."""
    yield f"google:{unused}"
    GoogleStorage(unused, None, patience=HURRIED).destroy()


@pytest.fixture
def library(gcs: str) -> Client:
    """The bare library."""
    return Client("some-project", AnonymousCredentials())


def command(program: str, *words: object) -> subprocess.CompletedProcess[str]:
    """What one of our commands printed."""
    found = Path(sys.executable).with_name(program)
    return subprocess.run([found, *map(str, words)], capture_output=True, text=True, timeout=SECONDS, check=False)


class Leader:
    """The leader of the fan-out, a child of this process, whose events are read from a pipe."""

    def __init__(self, folder: Path, locator: str, *more: str) -> None:
        self._said = (folder / "said").open("w+")
        pipe = folder / "events"
        if not pipe.exists():
            os.mkfifo(pipe)
        words = [str(COUNT), "--job-store", locator, "--work-dir", str(folder), "--write-events", str(pipe), *more]
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *words], stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said
        )
        self._events = pipe.open()

    def __enter__(self) -> Leader:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._events.close()
        self._said.close()

    def wait_for(self, kind: str, count: int) -> None:
        """Until so many events of a kind have been."""
        for line in self._events:
            count -= json.loads(line)["event"] == kind
            if not count:
                return
        raise AssertionError(self.said())

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def result(self) -> str:
        """The last line that it printed, having ended well."""
        for _ in self._events:
            pass
        assert self._process.wait(SECONDS) == 0, self.said()
        return self.said().splitlines()[-1]

    def said(self) -> str:
        """All that it printed."""
        self._said.seek(0)
        return self._said.read()


def test_example_of_the_readme_leaves_its_outputs_in_a_bucket_and_no_store(
    locator: str, unused: str, library: Client
) -> None:
    outputs = library.create_bucket(f"{unused.rpartition(':')[2]}-out")
    folder = f"gs://{outputs.name}/genes"
    done = command(
        "toil-cwl", "--job-store", locator, "--outdir", folder, EXAMPLE / "genes.cwl", EXAMPLE / "lambda.yml"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["genes"]["location"] == f"{folder}/lambda-genes.tsv"
    for expected in (EXAMPLE / "expected").iterdir():
        assert outputs.blob(f"genes/{expected.name}").download_as_bytes() == expected.read_bytes()
    assert library.lookup_bucket(unused.rpartition(":")[2]) is None


def test_inputs_are_read_from_a_bucket(locator: str, unused: str, library: Client, tmp_path: Path) -> None:
    inputs = library.create_bucket(f"{unused.rpartition(':')[2]}-in")
    inputs.blob("folder/a file.txt").upload_from_string("content")
    document = tmp_path / "count.cwl"
    document.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [wc, -c]\nstdout: out\n"
        "inputs:\n  it: {type: File, inputBinding: {position: 1}}\noutputs:\n  out: {type: stdout}\n"
    )
    words = ["--job-store", locator, "--outdir", tmp_path, document, "--it", f"gs://{inputs.name}/folder/a%20file.txt"]
    done = command("toil-cwl", *words)
    assert done.returncode == 0, done.stderr
    assert Path(json.loads(done.stdout)["out"]["path"]).read_text().split()[0] == "7"


def test_folder_in_a_bucket_is_an_input_and_an_output(
    locator: str, unused: str, library: Client, tmp_path: Path
) -> None:
    bucket = library.create_bucket(f"{unused.rpartition(':')[2]}-both")
    for name in ("in/a.txt", "in/below/b c.txt"):
        bucket.blob(name).upload_from_string(name)
    document = tmp_path / "copy.cwl"
    document.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [cp, -r]\narguments: [$(inputs.it.path), copy]\n"
        "inputs:\n  it: Directory\noutputs:\n  out: {type: Directory, outputBinding: {glob: copy}}\n"
    )
    job = tmp_path / "job.yml"
    job.write_text(f"it: {{class: Directory, location: 'gs://{bucket.name}/in'}}\n")
    done = command("toil-cwl", "--job-store", locator, "--outdir", f"gs://{bucket.name}/out", document, job)
    assert done.returncode == 0, done.stderr
    copied = {blob.name: blob.download_as_text() for blob in library.list_blobs(bucket, prefix="out/")}
    assert copied == {"out/copy/a.txt": "in/a.txt", "out/copy/below/b c.txt": "in/below/b c.txt"}


def test_workflow_and_its_job_order_are_read_from_a_bucket(unused: str, library: Client, tmp_path: Path) -> None:
    bucket = library.create_bucket(f"{unused.rpartition(':')[2]}-documents")
    for name, text in DOCUMENTS.items():
        bucket.blob(name).upload_from_string(text)
    place = f"gs://{bucket.name}"
    words = ["--work-dir", tmp_path, "--outdir", f"{place}/made", f"{place}/flows/main.cwl", f"{place}/flows/job.yml"]
    done = command("toil-cwl", *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["out"]["location"] == f"{place}/made/out"
    assert bucket.blob("made/out").download_as_bytes().split()[0] == b"7"
    done = command("toil-cwl", "--outdir", "gs://toil-test-nobody-made-this/made", *words[4:])
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no bucket of gs://toil-test-nobody-made-this/made" in done.stderr


def test_python_fans_out(locator: str, tmp_path: Path) -> None:
    with Leader(tmp_path, locator) as leader:
        assert leader.result() == outcome(COUNT)


@pytest.mark.parametrize("finished", [1, 6, COUNT])
def test_leader_that_was_killed_is_followed_by_one_that_goes_on(locator: str, tmp_path: Path, finished: int) -> None:
    with Leader(tmp_path, locator) as first:
        first.wait_for("job-succeeded", finished)
        first.kill()
    assert command("toil", "status", locator).returncode == 0
    with Leader(tmp_path, locator, "--restart") as second:
        assert second.result() == outcome(COUNT)


def test_leaders_killed_at_random_moments_change_no_result(locator: str, tmp_path: Path) -> None:
    assert printed_after_kills(tmp_path, [str(SCRIPT), str(COUNT)], locator) == outcome(COUNT)


def test_run_waits_for_a_service_that_is_away(
    locator: str, gcs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultProxy(gcs) as proxy:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.endpoint)
        with Leader(tmp_path, locator) as leader:
            leader.wait_for("job-succeeded", 4)
            is_missed = threading.Event()
            proxy.inject(Reset(), times=None, when=tells(is_missed, 12))
            assert is_missed.wait(SECONDS)
            proxy.clear()
            assert leader.result() == outcome(COUNT)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs)


def tells(event: threading.Event, count: int) -> Callable[[Request], bool]:
    """True of all requests; the event is set once so many were asked about."""
    left = iter(range(count))

    def ask(_: Request) -> bool:
        if next(left, None) is None:
            event.set()
        return True

    return ask


def test_run_with_a_customer_key_leaves_nothing_that_is_not_encrypted(
    locator: str, unused: str, library: Client, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_bytes(base64.b64encode(os.urandom(32)))
    with Leader(tmp_path, locator, "--google-key-file", str(key), "--clean", "never") as leader:
        assert leader.result() == outcome(COUNT)
    plain = [
        blob.name
        for blob in library.list_blobs(unused.rpartition(":")[2])
        if "customerEncryption" not in blob._properties and "+" not in blob.name
    ]
    assert plain == []
    done = command("toil", "status", locator)
    assert (done.returncode, done.stderr) == (0, "")
    assert "finished" in done.stdout
    key.unlink()
    done = command("toil", "status", locator)
    assert done.returncode == 1
    assert "TOIL_GOOGLE_KEY_FILE" in done.stderr
