"""Azurite, the service's emulator, as a child process with a folder of its own."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ACCOUNT = "toiltest"
OTHER_ACCOUNT = "toilother"
KEY = base64.b64encode(b"the key of the first account").decode()
OTHER_KEY = base64.b64encode(b"the key of the other account").decode()

_START_SECONDS = 60
_STOP_SECONDS = 30


def command() -> str | None:
    """The emulator's command: of ``TOIL_AZURITE``, or found by ``PATH``; ``None`` if there is none."""
    return shutil.which(os.environ.get("TOIL_AZURITE", "azurite-blob"))


class Azurite:
    """Runs from ``start`` to ``stop``, and again on the same port and folder; what was acknowledged stays
    when it is asked to end, and the last seconds of it go when it is killed."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        """With a ``certificate``, a file with its key, it is spoken to by https and takes tokens."""
        self._folder = folder
        self._certificate = certificate
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> str:
        """The value of ``AZURE_STORAGE_SERVICE_ENDPOINT`` for it."""
        return f"{self.url}/{{account}}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs need in order to use the first account."""
        return {"AZURE_STORAGE_SERVICE_ENDPOINT": self.endpoint, "AZURE_ACCOUNT_KEY": KEY}

    def start(self) -> None:
        """Return when it takes requests."""
        # The version of the service that the current library asks for is newer than the emulator's.
        self._process = subprocess.Popen(
            [
                *(command() or "azurite-blob", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
                *self._tokens(),
                *("--location", str(self._folder), "--blobHost", "127.0.0.1", "--blobPort", str(self.port)),
            ],
            env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY};{OTHER_ACCOUNT}:{OTHER_KEY}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        alarm = threading.Timer(_START_SECONDS, self._process.kill)
        alarm.start()
        said = ""
        for line in self._process.stdout:
            said += line
            if found := re.search(r"listens on https?://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise RuntimeError(f"Azurite did not start: {said}")
        alarm.cancel()
        # It goes on talking, and must not wait for a reader.
        self._reader = threading.Thread(target=_read_and_close, args=[self._process.stdout])
        self._reader.start()

    def _tokens(self) -> Sequence[str]:
        if self._certificate is None:
            return ()
        return ("--oauth", "basic", "--cert", str(self._certificate), "--key", str(self._certificate))

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._reader.join()
            self._process = None


def _read_and_close(stream: IO[str]) -> None:
    with stream:
        for _ in stream:
            pass
