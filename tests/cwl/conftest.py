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
