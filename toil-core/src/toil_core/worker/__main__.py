"""A worker on its own: ``python -m toil_core.worker LOCATOR ATTEMPT``.

It finds its order in the job store, and the put of its result there is the attempt's commit: what
the attempt stored is durable before it. Exits with 0 once there is a result, also that of a failure.
"""

from __future__ import annotations

import os
import signal
import sys
import uuid
from pathlib import Path

from toil_core.errors import ToilError
from toil_core.model.ids import AttemptId
from toil_core.store.job_store import JobStore
from toil_core.system.processes import become_subreaper, end_leftovers
from toil_core.system.removal import remove_tree
from toil_core.worker.abort_commands import abort_all
from toil_core.worker.attempt import run_attempt
from toil_core.worker.attempt_directory import AttemptDirectory
from toil_core.worker.child import limit_memory, redirect
from toil_core.worker.environment import Environment
from toil_core.worker.own_folder import clear_up_after_others, make_own_folder
from toil_core.worker.premises import data_size
from toil_core.worker.settings import HostSettings


def work(locator: str, attempt: AttemptId) -> None:
    """Make one attempt. Raises ``NoSuchObject`` if its order is gone, and what the job store raises."""
    root = make_own_folder()
    try:
        become_subreaper()
        signal.signal(signal.SIGTERM, lambda *_: _end(root))
        clear_up_after_others()
        environment = Environment(HostSettings(locator, root, "", False))
        files = environment.node_files(f"{attempt}-{uuid.uuid4().hex[:12]}")
        store = JobStore(files.storage, locator, appends=files.appends)
        # Not opened: who opens a store gives up soon, and a server that is started again is to be waited for.
        store.run()
        order = store.order(attempt)
        log = str(root / "log")
        redirect(log)
        if order.resources.enforce_memory:
            limit_memory(order.resources.memory + data_size())
        outcome = run_attempt(order, files, AttemptDirectory(root / "attempt"), log, environment.leader_of)
        end_leftovers()
        files.sync()
        store.put_outcome(outcome)
    finally:
        remove_tree(root)


def _end(root: Path) -> None:
    """What a batch system's cancelling asks for: nothing of the job is left behind, in whatever session."""
    abort_all(root)
    end_leftovers()
    remove_tree(root)
    os._exit(128 + signal.SIGTERM)


def main() -> int:
    """Work; what goes wrong outside the job's body is one line."""
    locator, attempt = sys.argv[1:3]
    try:
        work(locator, AttemptId(attempt))
    except ToilError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
