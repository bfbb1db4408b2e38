"""``toil kill``: stop a run that somebody else leads."""

from __future__ import annotations

import argparse
import os
import signal

from toil_core.engine.inspection import Inspection, inspect
from toil_core.engine.policy import Policy
from toil_core.engine.recovery import take_over
from toil_core.engine.session import open_store
from toil_core.plugins.manager import PluginManager
from toil_core.store.journal import Journal
from toil_core.system.processes import wait_for_end


class KillCommand:
    """Asks the leader to stop if it is on this machine; else fences it, so that it stops by itself."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("locator", metavar="LOCATOR", help="the job store of the run")
        parser.add_argument("--force", action="store_true", help="do not wait for a clean stop: SIGKILL at once")
        parser.add_argument(
            "--timeout", type=float, default=60, metavar="SECONDS", help="how long to wait for a clean stop (60)"
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Stop the run; what finished is kept."""
        store = open_store(PluginManager.load(), arguments.locator)
        found = inspect(store)
        if found.state.ended is not None or found.leader_is_alive is False:
            print(f"Nothing runs in {arguments.locator}: the run has {_word(found)}")
            return 0
        if found.leader_is_alive:
            self._signal(found, arguments)
        else:
            take_over(Journal(store), store.open(), Policy())
            print(f"The leader on {found.lead.host} has been fenced off; it stops at its next write")
        print(f"Go on with: --restart --job-store {arguments.locator}")
        return 0

    def _signal(self, found: Inspection, arguments: argparse.Namespace) -> None:
        pid = found.lead.pid
        os.kill(pid, signal.SIGKILL if arguments.force else signal.SIGTERM)
        if not wait_for_end(pid, arguments.timeout):
            os.kill(pid, signal.SIGKILL)
            wait_for_end(pid, arguments.timeout)
        print(f"Stopped the leader, process {pid}")


def _word(found: Inspection) -> str:
    return {"finished": "finished", "failed": "failed"}.get(found.standing, "stopped already")
