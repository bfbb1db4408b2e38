"""Run the workflow and the plain script on the same reads, and compare what they call.

``compare.py [--times N] [--runner RUNNER]``: the reads of the example, N times over.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = Path("/usr/share/doc/bowtie2/examples")


def main() -> int:
    """Report both times and the number of variants; the exit code says whether all are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="so many times the reads (default: 1)")
    parser.add_argument("--runner", default=str(Path(sys.executable).parent / "toil-cwl"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="variants-") as scratch:
        inputs = repeated(Path(scratch), chosen.times)
        (Path(scratch) / "plain").mkdir()
        started = time.monotonic()
        script = ["sh", str(HERE / "plain.sh"), f"{scratch}/plain", *inputs.values()]
        subprocess.run(script, check=True, stdin=subprocess.DEVNULL)
        by_script = time.monotonic() - started
        expected = records(Path(scratch) / "plain" / "variants.vcf")
        flags = [word for name, path in inputs.items() for word in (f"--{name}", path)]
        started = time.monotonic()
        command = [chosen.runner, "--outdir", f"{scratch}/out", str(HERE / "variants.cwl"), *flags]
        printed = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        by_workflow = time.monotonic() - started
        found = records(Path(json.loads(printed)["variants"]["path"]))
    print(f"plain script: {len(expected)} variants in {by_script:.1f} s")
    print(f"{Path(chosen.runner).name}: {len(found)} variants in {by_workflow:.1f} s")
    if found == expected and expected:
        print("All records are equal.")
        return 0
    for record in sorted(set(expected) ^ set(found)):
        print(("missing: " if record in expected else "too many: ") + record)
    return 1


def repeated(folder: Path, times: int) -> dict[str, str]:
    """The workflow's inputs; the reads, which gzip lets one put behind each other, so many times over."""
    inputs = {"packed_reference": str(EXAMPLES / "reference" / "lambda_virus.fa.gz")}
    for name in ("reads_1", "reads_2"):
        content = (EXAMPLES / "reads" / f"{name}.fq.gz").read_bytes()
        (folder / f"{name}.fq.gz").write_bytes(content * times)
        inputs[name] = str(folder / f"{name}.fq.gz")
    return inputs


def records(path: Path) -> list[str]:
    """A VCF file's records; its head names commands and paths, which differ."""
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


if __name__ == "__main__":
    sys.exit(main())
