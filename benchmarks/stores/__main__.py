"""Measure the job stores beside the bare libraries: ``python -m benchmarks.stores aws-moto azure --size 1GiB``."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from benchmarks.stores.contestant import BLOCK
from benchmarks.stores.jobs import run_jobs
from benchmarks.stores.report import Found, report
from benchmarks.stores.servers import KINDS, NoServer, serving
from benchmarks.stores.trip import SOURCE
from benchmarks.stores.turns import Course, TripFailed

from toil_core.model.units import parse_bytes

_MEMORY = Path("/dev/shm")
_KEPT = 16
"""How many long objects may be kept at once, servers that clean up late included."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write the tables; 1 if something failed, servers that are not here left aside."""
    parser = argparse.ArgumentParser(prog="benchmarks.stores", description=__doc__)
    parser.add_argument("servers", nargs="*", help=f"of {', '.join(KINDS)}; all of them if none is named")
    parser.add_argument("--size", default="1GiB", help="the long object's (default: 1GiB)")
    parser.add_argument("--objects", type=int, default=5000, help="how many small ones in all rounds (default: 5000)")
    parser.add_argument("--jobs", type=int, default=1000, help="how many trivial jobs; 0 for none (default: 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="measure each so often (default: 5)")
    parser.add_argument("--out", type=Path, help="write the tables, as Markdown, to this file")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.servers) - set(KINDS):
        parser.error(f"there is no server {', '.join(sorted(unknown))}; there are: {', '.join(KINDS)}")
    results: list[Found] = []
    failed = False
    for name in chosen.servers or KINDS:
        began = time.monotonic()
        try:
            measured(name, chosen, results)
        except NoServer as error:
            print(f"{name} left out: {error}", file=sys.stderr)
        except (TripFailed, RuntimeError, subprocess.SubprocessError) as error:  # of the servers, too
            failed = True
            print(f"{name} failed: {error}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        if chosen.out:
            chosen.out.write_text(_told(results))
    print(_told(results))
    return 1 if failed else 0


def measured(name: str, chosen: argparse.Namespace, results: list[Found]) -> None:
    """Add what is found at one server; what was found before something failed is added too."""
    kind = KINDS[name]
    size = min(parse_bytes(chosen.size), kind.most_bytes)
    folder = _folders_in(size)
    with tempfile.TemporaryDirectory(prefix="bench-files-", dir=folder) as files:
        _make_source(Path(files) / SOURCE, size)
        course = Course(kind, Path(files), -(-chosen.objects // chosen.rounds))
        found = Found(kind.shown, f"{size >> 20} MiB", course)
        results.append(found)
        for turn in range(chosen.rounds):
            # A new server: they get slower with what they have kept, and nobody should have that alone.
            with (
                tempfile.TemporaryDirectory(prefix="bench-server-", dir=folder) as place,
                serving(name, Path(place)) as environment,
            ):
                if chosen.jobs and not turn:
                    found.jobs = run_jobs(course.service, environment, Path(files), chosen.jobs)
                course.prepare(environment)
                course.go_round(turn, chosen.rounds)


def _folders_in(size: int) -> str | None:
    """Where files come from, and where servers keep them: memory, if there is room for all that they keep."""
    needed = _KEPT * size
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > needed
    return str(_MEMORY) if has_room and psutil.virtual_memory().available > needed else None


def _make_source(path: Path, size: int) -> None:
    block = bytearray(os.urandom(BLOCK))
    with path.open("wb") as file:
        while left := size - file.tell():
            block[:8] = file.tell().to_bytes(8, "big")  # no two blocks are the same
            file.write(block[:left])


def _told(results: Sequence[Found]) -> str:
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{report(results)}\nLoad of the machine over the last 1, 5 and 15 minutes: {load}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
