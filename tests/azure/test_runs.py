"""Whole runs whose store is a container in Azurite."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import azurite
from random_kills import printed_after_kills
from stored_documents import DOCUMENTS
from toil_azure.accounts import Accounts
from toil_azure.blob_storage import AzureStorage
from toil_azure.blob_url import AzureUrlAccess
from toil_azure.door.connection import Connection
from toil_azure.door.refusal import ServiceError
from toil_azure.door.service import Service, Writing
from toil_azure.patience import RUN_PATIENCE
from toil_core.errors import NoSuchStore

pytestmark = [pytest.mark.network, pytest.mark.slow]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lambda-genome"
SCRIPT = Path(__file__).with_name("sums.py")
COUNT = 16
SUM = sum(range(COUNT)) * 200_000
SECONDS = 240


@pytest.fixture
def locator(rest, accounts):
    """The locator of a store that is gone at the end."""
    yield f"azure:{rest}"
    AzureStorage(rest, None, accounts).destroy()


@pytest.fixture
def environment(emulator, tmp_path, monkeypatch):
    """What programs are told; their home has no credentials in it."""
    for name, value in {**emulator.environment, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)


def command(program, *words):
    """What one of our commands printed."""
    found = Path(sys.executable).with_name(program)
    return subprocess.run([found, *map(str, words)], capture_output=True, text=True, timeout=SECONDS, check=False)


class Leader:
    """The leader of a run, a child of this process, and its events."""

    def __init__(self, folder, locator, *more):
        self._folder = folder
        self._pipe = folder / "events"
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self._pipe)
        words = [str(COUNT), "--job-store", locator, "--work-dir", str(folder), "--write-events", str(self._pipe)]
        with (folder / "said").open("w") as said:
            self._process = subprocess.Popen([sys.executable, str(SCRIPT), *words, *more], stdout=said, stderr=said)
        self._events = self._pipe.open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._events.close()

    def wait_for_success_of(self, count):
        """Until so many jobs have succeeded."""
        for line in self._events:
            count -= json.loads(line)["event"] == "job-succeeded"
            if not count:
                return
        raise AssertionError(self.said())

    def kill(self):
        """End it by a signal that it cannot notice."""
        self._process.kill()
        self._process.wait()

    def said(self):
        """All that it printed."""
        return (self._folder / "said").read_text()

    def result(self):
        """The last line that it printed, having ended well."""
        for _ in self._events:
            pass
        assert self._process.wait(SECONDS) == 0, self.said()
        return int(self.said().splitlines()[-1])


@pytest.mark.usefixtures("environment")
def test_the_example_of_the_readme_leaves_its_outputs_in_blobs_and_no_store(locator, container, accounts):
    service = Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)
    access = AzureUrlAccess(None, accounts)
    service.create_container(f"{container}-data", {})
    place = f"az://{container}-data@{azurite.ACCOUNT}"
    done = command(
        "toil-cwl", "--job-store", locator, "--outdir", f"{place}/out", EXAMPLE / "genes.cwl", EXAMPLE / "lambda.yml"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["genes"]["location"] == f"{place}/out/lambda-genes.tsv"
    for expected in (EXAMPLE / "expected").iterdir():
        with access.read(f"{place}/out/{expected.name}") as stream:
            assert stream.read() == expected.read_bytes()
    assert command("toil", "status", locator).returncode == 1


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("form", ["az://{box}/a%20file", "https://toiltest.blob.core.windows.net/{box}/a%20file"])
def test_inputs_are_read_from_blobs(locator, container, accounts, tmp_path, monkeypatch, form):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", azurite.ACCOUNT)
    service = Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)
    service.create_container(f"{container}-data", {})
    AzureUrlAccess(None, accounts).write(f"az://{container}-data@{azurite.ACCOUNT}/a file", io.BytesIO(b"content"))
    document = tmp_path / "count.cwl"
    document.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [wc, -c]\nstdout: out\n"
        "inputs:\n  it: {type: File, inputBinding: {position: 1}}\noutputs:\n  out: {type: stdout}\n"
    )
    url = form.format(box=f"{container}-data")
    done = command("toil-cwl", "--job-store", locator, "--outdir", tmp_path, document, "--it", url)
    assert done.returncode == 0, done.stderr
    assert Path(json.loads(done.stdout)["out"]["path"]).read_text().split()[0] == "7"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    "form",
    [
        "az://{box}@toiltest",
        "wasbs://{box}@toiltest.blob.core.windows.net",
        "https://toiltest.blob.core.windows.net/{box}",
    ],
)
def test_a_workflow_and_its_job_order_are_read_from_blobs(container, accounts, tmp_path, form):
    service = Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)
    service.create_container(container, {})
    place = form.format(box=container)
    for name, text in DOCUMENTS.items():
        service.put(container, name, text.encode(), Writing())
    words = ["--work-dir", tmp_path, "--outdir", f"{place}/made", f"{place}/flows/main.cwl", f"{place}/flows/job.yml"]
    done = command("toil-cwl", *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["out"]["location"] == f"{place}/made/out"
    done = command("toil-cwl", "--outdir", f"{form.format(box='nobodys')}/made", *words[4:])
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no container nobodys" in done.stderr


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("finished", [1, 7, COUNT])
def test_a_leader_that_was_killed_is_followed_by_one_that_goes_on(locator, tmp_path, finished):
    with Leader(tmp_path, locator) as first:
        first.wait_for_success_of(finished)
    refused = command("toil", "run", "--job-store", locator, EXAMPLE / "genes.cwl", EXAMPLE / "lambda.yml")
    assert refused.returncode == 1
    assert "Go on with its run with --restart" in refused.stderr
    assert command("toil", "status", locator).returncode == 0
    with Leader(tmp_path, locator, "--restart") as second:
        assert second.result() == SUM


@pytest.mark.usefixtures("environment")
def test_leaders_killed_at_random_moments_change_no_result(locator, tmp_path):
    assert printed_after_kills(tmp_path, [str(SCRIPT), str(COUNT)], locator) == str(SUM)


@pytest.mark.usefixtures("environment")
def test_a_service_that_is_restarted_in_mid_run_is_waited_for(locator, emulator, tmp_path):
    with Leader(tmp_path, locator) as leader:
        leader.wait_for_success_of(4)
        emulator.stop()
        # Somebody has asked in vain before it is there again.
        with socket.create_server(("127.0.0.1", emulator.port)) as server:
            server.accept()[0].close()
        emulator.start()
        assert leader.result() == SUM


@pytest.mark.usefixtures("environment")
def test_a_store_whose_creation_was_interrupted_is_removed(locator, rest, accounts):
    storage = AzureStorage(rest, None, accounts)
    storage.create()
    assert "was never finished being made" in command("toil", "status", locator).stderr
    done = command("toil", "clean", locator)
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(NoSuchStore):
        storage.open()


def test_what_a_killed_leader_left_is_removed(locator, environment, tmp_path, accounts):
    with Leader(tmp_path, locator) as leader:
        leader.wait_for_success_of(4)
    done = command("toil", "clean", "--force", locator)
    assert (done.returncode, done.stderr) == (0, "")
    assert command("toil", "clean", locator).returncode == 0
    service = Service(Connection(accounts.find(azurite.ACCOUNT)), RUN_PATIENCE)
    with pytest.raises(ServiceError, match="ContainerNotFound"):
        service.container_metadata(locator.rpartition(":")[2])


def test_a_key_in_the_file_of_credentials_is_enough(locator, emulator, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_STORAGE_SERVICE_ENDPOINT", emulator.endpoint)
    monkeypatch.delenv("AZURE_ACCOUNT_KEY", raising=False)
    lines = f"[AzureStorageCredentials]\n{azurite.OTHER_ACCOUNT}={azurite.OTHER_KEY}\n{azurite.ACCOUNT}={azurite.KEY}\n"
    (tmp_path / ".toilAzureCredentials").write_text(lines)
    with Leader(tmp_path, locator) as leader:
        assert leader.result() == SUM
    assert Accounts({}, tmp_path).find(azurite.OTHER_ACCOUNT).key == azurite.OTHER_KEY
