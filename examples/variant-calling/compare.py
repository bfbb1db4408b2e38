"""Run the workflow and the plain script on the same reads, and compare what they call.

``compare.py [RUNNER]``; the runner is toil-cwl unless another one is named.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Report both times and the number of variants; the exit code says whether all are equal."""
    runner = sys.argv[1] if len(sys.argv) > 1 else str(Path(sys.executable).parent / "toil-cwl")
    with tempfile.TemporaryDirectory(prefix="variants-") as scratch:
        started = time.monotonic()
        subprocess.run(["sh", str(HERE / "plain.sh"), scratch], check=True, stdin=subprocess.DEVNULL)
        by_script = time.monotonic() - started
        expected = records(Path(scratch) / "variants.vcf")
        started = time.monotonic()
        command = [runner, "--outdir", f"{scratch}/out", str(HERE / "variants.cwl"), str(HERE / "lambda.yml")]
        printed = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        by_workflow = time.monotonic() - started
        found = records(Path(json.loads(printed)["variants"]["path"]))
    print(f"plain script: {len(expected)} variants in {by_script:.1f} s")
    print(f"{Path(runner).name}: {len(found)} variants in {by_workflow:.1f} s")
    if found == expected and expected:
        print("All records are equal.")
        return 0
    for record in sorted(set(expected) ^ set(found)):
        print(("missing: " if record in expected else "too many: ") + record)
    return 1


def records(path: Path) -> list[str]:
    """A VCF file's records; its head names commands and paths, which differ."""
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


if __name__ == "__main__":
    sys.exit(main())
