"""Servers that stand in for Google Cloud Storage, as child processes in folders of their own.

Google's storage-testbench decides conditions as the service does, and keeps all in memory. It is on no
registry: a checkout, with an environment in its folder ``venv``, is named by ``TOIL_STORAGE_TESTBENCH``.
gcp-storage-emulator speaks the plain API, and ignores conditions.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toil_core.system.retry import Patience

TESTBENCH = "TOIL_STORAGE_TESTBENCH"
HURRIED = Patience(base_seconds=0.001, cap_seconds=0.005)

_STOP_SECONDS = 60
_READY = "All services started"


@contextlib.contextmanager
def serve_testbench(place: Path) -> Iterator[str]:
    """The address of a testbench; the test is skipped where there is none.

    The server is handed its socket, so that clients may connect at once.
    """
    folder = os.environ.get(TESTBENCH, "")
    if not folder:
        pytest.skip(f"{TESTBENCH} names no folder of googleapis/storage-testbench, which is on no registry")
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        words = ["-m", "gunicorn", f"--bind=fd://{listener.fileno()}", "--worker-class=gthread", "--threads=16"]
        words += ["--worker-tmp-dir", str(place), "--keep-alive=60", "--timeout=600", "testbench:run()"]
        with (place / "testbench.log").open("wb") as log:
            server = subprocess.Popen(
                [str(Path(folder) / "venv" / "bin" / "python"), *words],
                cwd=folder,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield address
    finally:
        server.terminate()
        server.wait(_STOP_SECONDS)


@contextlib.contextmanager
def serve_emulator() -> Iterator[str]:
    """The address of an emulator that ignores conditions; the test is skipped where it is not installed."""
    beside = Path(sys.executable).parent / "gcp-storage-emulator"
    command = shutil.which("gcp-storage-emulator") or (str(beside) if beside.exists() else "")
    if not command:
        pytest.skip("gcp-storage-emulator is not installed")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [command, "start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if _READY in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.communicate(timeout=_STOP_SECONDS)
