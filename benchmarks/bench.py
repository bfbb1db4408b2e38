"""Measure ourselves beside our peers, in turns: ``python -m benchmarks.bench --help``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from benchmarks.cases import OURS, UPSTREAM, Case, Peers, cases
from benchmarks.measure import CommandFailed, Usage, measure
from benchmarks.table import as_markdown


def main(arguments: Sequence[str]) -> int:
    """Run the chosen cases, print and write the table; 1 if a command failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="run only these cases")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    parser.add_argument("--times", type=int, default=5, help="measure each command so often (default: 5)")
    parser.add_argument("--slow", action="store_true", help="also run what takes upstream Toil minutes")
    parser.add_argument("--ours", type=Path, default=Path(sys.executable).parent, help="the bin folder of this project")
    parser.add_argument("--cwltool", type=Path, help="the bin folder of an environment with cwltool")
    parser.add_argument("--upstream", type=Path, help="the bin folder of an environment with upstream Toil")
    parser.add_argument("--output", type=Path, help="write the table, as Markdown, to this file")
    chosen = parser.parse_intermixed_args(arguments)
    all_cases = cases(Peers(chosen.ours, chosen.cwltool, chosen.upstream))
    unknown = set(chosen.cases) - {case.name for case in all_cases}
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}; --list names them")
    wanted = [case for case in all_cases if not chosen.cases or case.name in chosen.cases]
    if chosen.list:
        print("\n".join(f"{case.name:16} {case.summary}" for case in wanted))
        return 0
    results: list[tuple[Case, dict[str, list[Usage]]]] = []
    failed = False
    for case in wanted:
        left_out: AbstractSet[str] = set() if chosen.slow else case.slow
        try:
            results.append((case, in_turns(case, chosen.times, left_out)))
        except CommandFailed as error:
            failed = True
            print(f"{case.name} failed: {error}", file=sys.stderr)
    table = as_markdown(results, OURS)
    print(table)
    if chosen.output:
        chosen.output.write_text(table)
    return 1 if failed else 0


def in_turns(case: Case, times: int, left_out: AbstractSet[str]) -> dict[str, list[Usage]]:
    """Each contestant once, then each again: what the machine does meanwhile hits all alike."""
    found: dict[str, list[Usage]] = {name: [] for name in case.commands if name not in left_out}
    with tempfile.TemporaryDirectory(prefix="bench-inputs-") as folder:
        words = case.inputs(Path(folder)) if case.inputs else []
        for turn in range(times):
            for name, usages in found.items():
                command = (*case.commands[name], *words)
                usage = measure(command, _environment(name, command[0]))
                usages.append(usage)
                figures = f"{usage.wall_seconds:.2f} s wall, {usage.cpu_seconds:.2f} s CPU"
                print(f"{case.name} {turn + 1}/{times} {name}: {figures}", file=sys.stderr, flush=True)
    return found


def _environment(contestant: str, command: str) -> dict[str, str]:
    path = f"{Path(command).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Upstream looks for updates and container registries unless it is told not to.
    return {"PATH": path, "TOIL_CHECK_ENV": "False"} if contestant == UPSTREAM else {"PATH": path}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
