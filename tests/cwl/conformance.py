"""Run a CWL conformance suite with ``toil-cwl`` and hold the list of what is missing to the truth.

``conformance.py SUITE [--missing FILE]``. SUITE is the folder of ``conformance_tests.yaml``.
The list may only shrink: a test that fails and is not listed is an error, and so is one that passes
and is listed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main() -> int:
    """Run, judge, report; the exit code says whether the list is the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--missing", type=Path, help="the checked-in list of tests that do not pass")
    parser.add_argument("--tests", default="conformance_tests.yaml", help="the list of tests in the folder")
    parser.add_argument("--runner", type=Path, default=Path(sys.executable).parent / "toil-cwl")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    results = run(arguments.suite, arguments.tests, arguments.runner, arguments.jobs)
    listed = read_list(arguments.missing) if arguments.missing else set()
    failed = {test for test, passed in results.items() if not passed}
    news = sorted(failed - listed)
    cured = sorted(listed & (results.keys() - failed))
    unknown = sorted(listed - results.keys())
    print(f"{len(results) - len(failed)} of {len(results)} tests pass, {len(listed & failed)} are known to be missing")
    for test in news:
        print(f"fails and is not listed: {test}")
    for test in cured:
        print(f"passes, so take it off {arguments.missing}: {test}")
    for test in unknown:
        print(f"is listed and not in the suite: {test}")
    return 1 if news or cured or unknown or not results else 0


def run(suite: Path, tests: str, runner: Path, jobs: int) -> dict[str, bool]:
    """Each test's id, and whether it passed; a test refused as unsupported did not."""
    with tempfile.TemporaryDirectory(prefix="toil-conformance-") as scratch:
        report = Path(scratch) / "report.xml"
        command = [sys.executable, "-m", "cwltest", "--test", tests, "--tool", str(runner), "-j", str(jobs)]
        command += ["--timeout", "180", "--junit-xml", str(report)]
        environment = {**os.environ, "TMPDIR": scratch}
        subprocess.run([*command, "--", "--no-container"], cwd=suite, env=environment, check=False)
        if not report.exists():
            return {}
        return read_report(report)


def read_report(report: Path) -> dict[str, bool]:
    """What a JUnit report says of each test, by the id in its ``file`` attribute."""
    results = {}
    for case in ElementTree.parse(report).iter("testcase"):
        results[case.get("file") or case.get("name", "")] = not any(
            case.find(bad) is not None for bad in ("failure", "error", "skipped")
        )
    return results


def read_list(path: Path) -> set[str]:
    """The ids in a list file: the first word of each line; what follows says why."""
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return {words[0] for words in lines if words}


if __name__ == "__main__":
    sys.exit(main())
