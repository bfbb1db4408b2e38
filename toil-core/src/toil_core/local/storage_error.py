"""From the operating system's errors to the storage contract's, each one line with what to try."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from toil_core.errors import StorageError, StoreFull

_NO_SPACE = {errno.ENOSPC: "no space is left", errno.EDQUOT: "the disk quota is used up"}
_CURES = {
    errno.EROFS: "Its file system is read-only: mount it for writing, or choose another place with --job-store",
    errno.EACCES: "Its owner must give you access, or choose another place with --job-store",
    errno.EPERM: "Its owner must give you access, or choose another place with --job-store",
    errno.EIO: "The disk or file server failed; its system log says more",
    errno.ESTALE: "The file server lost the directory; check that it is mounted and still there",
    errno.ENOTDIR: "A part of the path is a file",
    errno.ENAMETOOLONG: "Choose a place with a shorter path with --job-store",
    errno.EMFILE: "Raise the limit of open files: ulimit -n",
}


@contextmanager
def doing(store: str, operation: str) -> Iterator[None]:
    """Name the store and the operation in whatever the operating system raises meanwhile."""
    try:
        yield
    except OSError as error:
        raise storage_error(store, operation, error) from error


def storage_error(store: str, operation: str, error: OSError) -> StorageError:
    """What the contract calls an error of the operating system."""
    number = error.errno or 0
    if number in _NO_SPACE:
        return StoreFull(
            f"The job store {store} is full: {_NO_SPACE[number]} to {operation}",
            "Make space there, then go on with --restart",
        )
    reason = (error.strerror or type(error).__name__).lower()
    return StorageError(f"The job store {store} could not {operation}: {reason}", _CURES.get(number, ""))
