"""The fixed part of the CWL conformance suite that every change must pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def test_the_fixed_part_of_the_conformance_suite_passes():
    command = [sys.executable, str(HERE / "conformance.py"), str(HERE / "conformance-part"), "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
