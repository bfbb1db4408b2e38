"""``toil status``: how a run stands."""

from __future__ import annotations

import argparse
import json
import sys

from toil_core.engine.inspection import Inspection, counts, inspect
from toil_core.engine.session import open_store
from toil_core.plugins.manager import PluginManager


class StatusCommand:
    """Reads the journal; disturbs nobody."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("locator", metavar="LOCATOR", help="the job store of the run")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--failed", action="store_true", help="list every failed job")
        parser.add_argument(
            "--fail-if-not-complete",
            "--failIfNotComplete",
            action="store_true",
            help="exit with 1 unless the run finished without failures",
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Print how the run stands. Raises ``StoreDamaged`` after printing what a damaged journal still tells."""
        found = inspect(open_store(PluginManager.load(), arguments.locator))
        if arguments.json:
            print(json.dumps(_facts(found), indent=2))
        else:
            _print(found, arguments.failed)
        if found.damage is not None:
            raise found.damage
        complete = found.state.ended is True
        return 1 if arguments.fail_if_not_complete and not complete else 0


def _facts(found: Inspection) -> dict[str, object]:
    state = found.state
    return {
        "run": found.lead.run,
        "standing": found.standing,
        "jobs": counts(found),
        "leader": {"host": found.lead.host, "pid": found.lead.pid, "alive": found.leader_is_alive},
        "failures": [
            {"job": job, "name": state.jobs[job].description.name, "message": failure.message}
            for job, failure in state.failures.items()
        ],
    }


def _print(found: Inspection, all_failures: bool) -> None:
    state = found.state
    print(f"{found.standing}: {_numbers(counts(found))}")
    if found.standing == "running":
        certain = "" if found.leader_is_alive else " (another machine: whether it lives cannot be told from here)"
        print(f"leader: process {found.lead.pid} on {found.lead.host}{certain}")
    failures = list(state.failures.items())
    for job, failure in failures if all_failures else failures[:5]:
        print(f"failed: {state.jobs[job].description.name} ({job}): {failure.message}")
    if len(failures) > 5 and not all_failures:
        print(f"{len(failures) - 5} more failed; --failed lists them", file=sys.stdout)


def _numbers(jobs: dict[str, int]) -> str:
    done = f"{jobs.pop('done')} done"
    reused = jobs.pop("reused")
    first = f"{done}, {reused} of them reused" if reused else done
    return " · ".join([first, *(f"{number} {word}" for word, number in jobs.items() if number)])
