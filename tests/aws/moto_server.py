"""moto's S3 server as a child process: honest about conditional writes, keeps nothing, checks no signature."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
PROGRAM = Path(__file__).with_name("run_moto.py")


@contextmanager
def moto_server(folder: Path, port: int = 0):
    """The URL of a server that lives as long as the context; its process as well."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", str(PROGRAM), "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    with (folder / "moto.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        wait_for(url, process)
        yield url, process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, seconds: float = START_SECONDS) -> None:
    """Until the server answers anything; an error if it ends or is too late."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server at {url} did not start")
