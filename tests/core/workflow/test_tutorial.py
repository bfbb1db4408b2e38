"""Every script of the tutorial prints what the tutorial says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[3] / "docs" / "python.md"
BLOCKS = re.findall(r"^## ([^\n]+)\n.*?^```python\n(.*?)^```\n\n```text\n(.*?)^```", TUTORIAL.read_text(), re.S | re.M)


def test_the_tutorial_has_scripts() -> None:
    assert len(BLOCKS) == TUTORIAL.read_text().count("```python")


@pytest.mark.parametrize(("script", "printed"), [block[1:] for block in BLOCKS], ids=[block[0] for block in BLOCKS])
def test_a_tutorial_script_prints_what_the_tutorial_shows(tmp_path: Path, script: str, printed: str) -> None:
    path = tmp_path / "tutorial.py"
    path.write_text(script)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == (printed, 0), done.stderr
