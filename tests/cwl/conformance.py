"""Run a CWL conformance suite with ``toil-cwl`` and hold the lists of what is missing to the truth.

``conformance.py SUITE [--missing FILE] [--images PLACE [--missing-contained FILE]] [--detached]``. SUITE
is the folder of ``conformance_tests.yaml``. It runs without containers, and then, with ``--images``,
by the podman store in PLACE, where missing images are made. The lists may only shrink: a test that
fails and is not listed is an error, and so is one that passes and is listed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "conformance_images.py"
DETACHED = HERE / "detached_runner.py"
BEGUN = re.compile(r"Test \[(\d+)/\d+\] ([^:]+): ")
ENDED_BADLY = re.compile(r"Test (\d+) (?:failed|timed out):")
PASSED, UNSUPPORTED, FAILED = "passed", "unsupported", "failed"


@dataclass(frozen=True)
class Half:
    """The suite, run in one way: a name, the runner's flags, variables, and the list of what is missing."""

    name: str
    flags: tuple[str, ...]
    variables: Mapping[str, str]
    missing: Path | None


@dataclass(frozen=True)
class Result:
    """What became of a test, and what the runner said of it."""

    verdict: str
    said: str = ""


def main() -> int:
    """Run, judge, report; the exit code says whether the lists are the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--missing", type=Path, help="the checked-in list of tests that do not pass")
    parser.add_argument("--images", type=Path, metavar="PLACE", help="run the suite in containers as well")
    parser.add_argument("--missing-contained", type=Path, help="the list for tests in containers")
    parser.add_argument("--as-docker", action="store_true", help="let the runner find podman by the name docker")
    parser.add_argument("--detached", action="store_true", help="run jobs where nothing but the job store is seen")
    parser.add_argument("--tests", default="conformance_tests.yaml", help="the list of tests in the folder")
    parser.add_argument("--only", default="", help="run only these tests: ids with commas between them")
    parser.add_argument("--runner", type=Path, default=Path(sys.executable).parent / "toil-cwl")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    halves, skipped = plan(arguments)
    table = ["| | tests | passed | unsupported | failed | seconds |", "|---|---:|---:|---:|---:|---:|"]
    complaints = []
    for half in halves:
        started = time.monotonic()
        results = run(half, arguments)
        seconds = time.monotonic() - started
        counts = Counter(result.verdict for result in results.values())
        numbers = [len(results), *(counts[what] for what in (PASSED, UNSUPPORTED, FAILED))]
        table.append(f"| {half.name} | {' | '.join(map(str, numbers))} | {seconds:.0f} |")
        complaints += [f"{half.name}: {complaint}" for complaint in judge(results, half.missing, arguments.only)]
    print("\n".join(["", *table, "", *skipped, *complaints]))
    return 1 if complaints else 0


def plan(arguments: argparse.Namespace) -> tuple[list[Half], list[str]]:
    """The ways to run the suite, and why others are left out."""
    halves = [Half("without containers", ("--no-container",), {}, arguments.missing)]
    if arguments.images is None:
        return halves, []
    command = [sys.executable, str(IMAGES), str(arguments.suite), str(arguments.images)]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0:
        return halves, [f"not run in containers: {made.stdout.strip()}"]
    flags, variables = ("--podman",), json.loads(made.stdout)
    if arguments.as_docker:
        flags, variables = (), {**variables, "PATH": f"{podman_as_docker(arguments.images)}:{os.environ['PATH']}"}
    return [*halves, Half("in containers", flags, variables, arguments.missing_contained)], []


def podman_as_docker(place: Path) -> Path:
    """A folder with a program ``docker`` that is podman."""
    folder = place.resolve() / "as-docker"
    folder.mkdir(exist_ok=True)
    program = folder / "docker"
    program.write_text('#!/bin/sh\nexec podman "$@"\n')
    program.chmod(0o755)
    return folder


def run(half: Half, arguments: argparse.Namespace) -> dict[str, Result]:
    """Run the suite in one way: what became of each test, by its id."""
    with tempfile.TemporaryDirectory(prefix="toil-conformance-") as scratch:
        report = Path(scratch) / "report.xml"
        runner = detached(arguments.suite, Path(scratch)) if arguments.detached else arguments.runner
        command = [sys.executable, "-m", "cwltest", "--test", arguments.tests, "--tool", str(runner)]
        command += ["-j", str(arguments.jobs), "--timeout", "180", "--junit-xml", str(report)]
        command += ["-s", arguments.only] if arguments.only else []
        own = {"TMPDIR": scratch, "XDG_CACHE_HOME": f"{scratch}/cache"}  # what was kept before is not to count
        environment = {**os.environ, **half.variables, **own}
        failed = cwltest([*command, "--", *half.flags], arguments.suite, environment)
        results = read_report(report, arguments.only.split(",")) if report.exists() else {}
        # A test that passes and should not is no failure in the report (cwltest 2.7).
        unseen = {test for test in failed & results.keys() if results[test].verdict == PASSED}
        return {**results, **dict.fromkeys(unseen, Result(FAILED, "it should have failed, or told something else"))}


def cwltest(command: Sequence[str], suite: Path, environment: Mapping[str, str]) -> set[str]:
    """Run cwltest, and pass on what it says; the tests that it says have failed."""
    names: dict[str, str] = {}
    failed: set[str] = set()
    with subprocess.Popen(command, cwd=suite, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            print(line, end="", file=sys.stderr, flush=True)
            if found := BEGUN.match(line):
                names[found[1]] = found[2]
            elif found := ENDED_BADLY.match(line):
                failed.add(names[found[1]])
    return failed


def detached(suite: Path, scratch: Path) -> Path:
    """A runner whose jobs see neither the suite nor the folder that the runner works in."""
    runner = scratch / "toil-cwl-detached"
    runner.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(DETACHED), str(suite), str(scratch)])} "$@"\n')
    runner.chmod(0o755)
    return runner


def judge(results: Mapping[str, Result], missing: Path | None, only: str) -> list[str]:
    """Where the results and the list of what is missing disagree."""
    if not results:
        return ["no test was run"]
    listed = read_list(missing) if missing else set()
    failed = {test for test, result in results.items() if result.verdict != PASSED}
    complaints = [
        f"{test} does not pass and is not listed: {results[test].said}".rstrip(": ") for test in sorted(failed - listed)
    ]
    complaints += [f"{test} passes, so take it off {missing}" for test in sorted(listed & (results.keys() - failed))]
    if not only:
        complaints += [f"{test} is listed and not in the suite" for test in sorted(listed - results.keys())]
    return complaints


def read_report(report: Path, only: Sequence[str]) -> dict[str, Result]:
    """What a JUnit report says of each test, by the id in its ``file`` attribute.

    Of a choice of tests it names the wrong ones (cwltest 2.7), but keeps their order.
    """
    cases = list(ElementTree.parse(report).iter("testcase"))
    ids = only if only != [""] else [case.get("file") or case.get("name", "") for case in cases]
    return {test: Result(verdict(case), reason(case)) for test, case in zip(ids, cases, strict=True)}


def verdict(case: ElementTree.Element) -> str:
    """What became of a test. To cwltest a required feature that is not supported is a failure."""
    if case.find("skipped") is not None:
        return UNSUPPORTED
    failure = case.find("failure")
    if failure is None:
        return PASSED if case.find("error") is None else FAILED
    said = failure.get("message", "") + (failure.text or "")
    return UNSUPPORTED if said.strip().endswith("exit status 33.") else FAILED


def reason(case: ElementTree.Element) -> str:
    """What the runner wrote to stderr of a failed job, or its last line there."""
    lines = [line.strip() for line in (case.findtext("system-err") or "").strip().splitlines()]
    return next((line for line in lines if line.startswith("FAILED")), lines[-1] if lines else "")


def read_list(path: Path) -> set[str]:
    """The ids in a list file: the first word of each line; what follows says why."""
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return {words[0] for words in lines if words}


if __name__ == "__main__":
    sys.exit(main())
