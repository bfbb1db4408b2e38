"""``toil clean``: remove a job store."""

from __future__ import annotations

import argparse

from toil_core.engine.inspection import inspect
from toil_core.engine.session import open_store
from toil_core.errors import NoSuchStore, StorageError, UsageError
from toil_core.plugins.manager import PluginManager
from toil_core.store.job_store import JobStore


class CleanCommand:
    """Removes everything a run stored, also what an interrupted creation left."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("locator", metavar="LOCATOR", help="the job store to remove")
        parser.add_argument("--force", action="store_true", help="remove it even while its run is under way")

    def run(self, arguments: argparse.Namespace) -> int:
        """Remove the store."""
        store = open_store(PluginManager.load(), arguments.locator)
        if not arguments.force and _is_running(store):
            raise UsageError(
                f"A run is under way in {arguments.locator}", f"Stop it first: toil kill {arguments.locator}"
            )
        if not arguments.force and _keeps_results(store):
            raise UsageError(
                f"{arguments.locator} keeps results for --reuse-results, and no run",
                f"To remove them all: toil clean --force {arguments.locator}",
            )
        store.destroy()
        return 0


def _keeps_results(store: JobStore) -> bool:
    try:
        store.storage.open()
        return store.keeps_results()
    except StorageError:  # there is nothing, or nothing good
        return False


def _is_running(store: JobStore) -> bool:
    try:
        found = inspect(store)
    except NoSuchStore:
        return False
    except StorageError:  # a damaged store is what one wants to be rid of
        return False
    return found.state.ended is None and found.leader_is_alive is True
