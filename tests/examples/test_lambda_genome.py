"""The README's example gives what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lambda-genome"


def test_the_example_finds_the_known_genes(tmp_path):
    command = [Path(sys.executable).parent / "toil-cwl", "--outdir", tmp_path / "results"]
    command += [EXAMPLE / "genes.cwl", EXAMPLE / "lambda.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout).keys() == {"genes", "report"}
    for expected in (EXAMPLE / "expected").iterdir():
        assert (tmp_path / "results" / expected.name).read_text() == expected.read_text()
    assert "15505\t18903\t+" in (tmp_path / "results" / "lambda-genes.tsv").read_text()
