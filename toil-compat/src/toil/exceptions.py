"""Errors that scripts written for upstream Toil catch.

::

    ToilError
    ├── FilesDownloadedStoppingPointReached   a job was only to get its files
    ├── NoSuchObject
    │   └── NothingStored                 also a FileNotFoundError
    ├── NoSuchUrl
    │   └── NothingToImport               also a FileNotFoundError
    ├── RunFailed
    │   └── FailedJobsException           jobs failed for good
    └── UsageError
        ├── JobException                  a job is used in a way that makes no sense
        │   ├── ConflictingPredecessorError   raised by nobody here
        │   ├── JobGraphDeadlockException     jobs could never run
        │   └── JobPromiseConstraintError     a promise was read where its value is needed
        ├── ToilRestartException          start() and restart() are mixed up
        ├── ToilContextManagerException   a Toil object is used outside its ``with`` block
        └── UnsupportedFeature            documented upstream, and not available here
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from toil_core.errors import NoSuchObject, NoSuchUrl, RunFailed, ToilError, UnsupportedFeature, UsageError

_MOST_NAMED = 3


class FailedJobsException(RunFailed):
    """The workflow ended with failed jobs; ``jobs`` tells of each, with the tail of its log."""

    def __init__(self, job_store: str, failed: RunFailed) -> None:
        cure = f"Go on from here with: --restart {job_store}" if failed.cure else ""
        super().__init__(f"{failed.message}{_named(failed)}", cure, failed.jobs, failed.exit_code)
        self.args = (job_store, failed)
        self.jobStoreLocator = job_store
        self.numberOfFailedJobs = len(failed.jobs)
        self.msg = str(self)


def _named(failed: RunFailed) -> str:
    told = [f"{job.name} ({job.message})" for job in failed.jobs[:_MOST_NAMED]]
    more = len(failed.jobs) - len(told)
    return ": " + ", ".join(told) + (f" and {more} more" if more else "") if told else ""


class JobException(UsageError):
    """A job is used in a way that makes no sense."""


class JobGraphDeadlockException(JobException):
    """The workflow holds jobs that could never run, such as a cycle."""


class JobPromiseConstraintError(JobException):
    """A promise stands where only its value will do."""


class FilesDownloadedStoppingPointReached(ToilError):
    """A job has its input files, and was only to get them; ``host_and_job_paths`` tells where they are."""

    def __init__(self, host_and_job_paths: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("The job has its input files, and was only to get them")
        self.args = (host_and_job_paths,)
        self.host_and_job_paths = host_and_job_paths


class ToilRestartException(UsageError):
    """A new run was asked to go on, or an old one to begin."""


class ToilContextManagerException(UsageError):
    """A ``Toil`` object is used outside of its ``with`` block."""


class ConflictingPredecessorError(JobException):
    """Kept for scripts that catch it: adding a job twice to another changes nothing here."""


class NothingToImport(NoSuchUrl, FileNotFoundError):
    """There is nothing at the URL or path of a file to import."""


class NothingStored(NoSuchObject, FileNotFoundError):
    """There is no such file in the job store, or the job itself has deleted it."""


class Absent:
    """A documented attribute of a class that is not there: asking for it raises ``UnsupportedFeature``."""

    def __init__(self, cure: str) -> None:
        self._cure = cure
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise not_there(f"{owner.__name__}.{self._name}", self._cure)


def not_there(what: str, cure: str) -> UnsupportedFeature:
    """The one error for what upstream documents and this distribution does not have."""
    return UnsupportedFeature(f"toil-compat does not have {what}", cure)


def absent_from(module: str, names: Mapping[str, str]) -> Callable[[str], NoReturn]:
    """A module's ``__getattr__``: documented names that are not there, each with what to do instead."""

    def find(name: str) -> NoReturn:
        if name in names:
            raise not_there(f"{module}.{name}", names[name])
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return find
