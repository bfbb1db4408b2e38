"""The real command, run in a folder of its own, and what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(sys.executable).parent / "toil-cwl"


@dataclass
class Told:
    """A run's exit code, its output object (``None``: nothing on stdout), and its stderr."""

    code: int
    outputs: Any
    text: str


@pytest.fixture
def documents():
    """The folder of this room's own documents."""
    return Path(__file__).parent / "documents"


@pytest.fixture
def toil_cwl(tmp_path):
    """Runs the command; whatever happens, stdout is nothing or JSON, and no traceback is shown."""

    def run(*words, stdin="", contained=False, **variables):
        done = subprocess.run(
            [RUNNER, *([] if contained else ["--no-container"]), "--work-dir", tmp_path, *words],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **variables},
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Told(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr)

    return run


@dataclass
class RecordingEngine:
    """A program in the place of a container engine: it writes down how it was called, and runs nothing."""

    folder: Path

    def install(self, name: str) -> None:
        """Be found as that program."""
        keep = f"cat /proc/$$/cmdline > {self.folder}/words; env -0 > {self.folder}/variables"
        files = f'for word in "$@"; do case $word in --env-file=*) cp "${{word#*=}}" {self.folder}/file;; esac; done'
        log = f'echo "$@" >> {self.folder}/calls; basename "$0" > {self.folder}/name'
        script = (
            f'{log}\n[ "$1" = inspect ] && echo "[]"\ncase " $* " in *" run "*) ;; *) exit 0;; esac\n{keep}\n{files}\n'
        )
        (self.folder / name).write_text(f"#!/bin/sh\n{script}")
        (self.folder / name).chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """All calls, in order."""
        return (self.folder / "calls").read_text().splitlines()

    @property
    def variables(self) -> dict[str, str]:
        """What to set so that it is found first."""
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    @property
    def words(self) -> list[str]:
        """The command line it was called with, as any list of processes shows it."""
        return (self.folder / "words").read_text().split("\0")[2:-1]

    @property
    def environment(self) -> list[str]:
        """The variables it was called with, as ``NAME=VALUE``."""
        return (self.folder / "variables").read_text().split("\0")[:-1]

    @property
    def file(self) -> str:
        """The content of the file of variables that it was given."""
        return (self.folder / "file").read_text()


@pytest.fixture
def recording_docker(tmp_path):
    """A docker that runs nothing, and tells how it was called."""
    (tmp_path / "engine").mkdir()
    engine = RecordingEngine(tmp_path / "engine")
    engine.install("docker")
    return engine
