"""From refusals to the storage contract's errors, each one line with what to try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from toil_core.errors import NoSuchStore, StorageError
from toil_gce.refusal import Refusal


@contextmanager
def doing(store: str, operation: str) -> Iterator[None]:
    """Name the store and the operation in whatever the service refuses meanwhile."""
    try:
        yield
    except Refusal as refusal:
        raise storage_error(store, operation, refusal) from refusal


def storage_error(store: str, operation: str, refusal: Refusal) -> StorageError:
    """What the contract calls a refusal."""
    if refusal.is_missing:
        return no_such_store(store)
    reason, cure = refusal.told()
    return StorageError(f"The job store {store} could not {operation}: {reason}", cure)


def no_such_store(store: str) -> NoSuchStore:
    """What is raised where nothing is."""
    return NoSuchStore(
        f"There is no job store {store}", "Check the locator; if the run has not begun yet, leave out --restart"
    )
