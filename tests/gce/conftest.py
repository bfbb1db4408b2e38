"""Servers that stand in for Google Cloud Storage: Google's own testbench, and an emulator of the plain API."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from toil_core.system.retry import Patience
from toil_gce.storage import GoogleStorage

pytest.register_assert_rewrite("toil_core.testing")

HURRIED = Patience(base_seconds=0.001, cap_seconds=0.005)
TESTBENCH = "TOIL_STORAGE_TESTBENCH"


@pytest.fixture(scope="session")
def testbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a storage-testbench of this session's own."""
    folder = os.environ.get(TESTBENCH, "")
    if not folder:
        pytest.skip(f"{TESTBENCH} names no folder of googleapis/storage-testbench, which is on no registry")
    with serve_testbench(Path(folder), tmp_path_factory.mktemp("testbench")) as address:
        yield address


class serve_testbench:  # noqa: N801  # used as a function
    """Run a storage-testbench, in the environment in its folder ``venv``; its state is in memory.

    The server is handed its socket, so clients may connect at once.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place

    def __enter__(self) -> str:
        with socket.create_server(("127.0.0.1", 0)) as listener, (self._place / "log").open("wb") as log:
            listener.listen(128)
            number = listener.fileno()
            command = [str(self._folder / "venv" / "bin" / "python"), "-m", "gunicorn", f"--bind=fd://{number}"]
            command += ["--worker-class=gthread", "--threads=16", "--worker-tmp-dir", str(self._place)]
            self._server = subprocess.Popen(
                [*command, "--keep-alive=60", "--timeout=600", "testbench:run()"],
                cwd=self._folder,
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(60)


@pytest.fixture
def gcs(testbench: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Clients of this test speak to the testbench, without credentials."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", testbench)
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "TOIL_GOOGLE_KEY_FILE", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    return testbench


@pytest.fixture
def unused() -> str:
    """What is behind ``google:``, of a store that nobody has used."""
    return f"some-project:toil-test-{uuid.uuid4().hex[:20]}"


@pytest.fixture
def client(gcs: str, unused: str) -> Callable[[], GoogleStorage]:
    """Makes clients of that store."""
    return functools.partial(GoogleStorage, unused, None, patience=HURRIED)
