"""The example of a stranger's plugin works from this checkout; ``nox -s third_party`` installs it for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "toil-sqlite"


def test_its_own_tests_pass(tmp_path):
    info = tmp_path / "toil_sqlite-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toil-sqlite\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[toil]\nsqlite = toil_sqlite.plugin\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{EXAMPLE / 'src'}", "TMPDIR": str(tmp_path)}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "caches")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(EXAMPLE / "tests")],
        cwd=EXAMPLE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
