"""The errors a person or a program may meet, in one tree.

::

    ToilError                        exit code 1; one line, and what to try
    ├── UsageError                   2; the command line, configuration or document is wrong
    │   ├── UnknownPlugin            nobody provides what was asked for
    │   ├── IllegalGraph             the jobs of a workflow could never all run
    │   └── UnsupportedFeature       33; the language feature is not available here
    ├── PluginError                  a plugin is broken, doubled or of another contract version
    ├── StorageError                 the job store could not do what was asked
    │   ├── StoreExists              a store is already there
    │   ├── NoSuchStore              there is no store
    │   ├── NoSuchObject             the store has no such object
    │   ├── ObjectExists             a conditional put found the key taken
    │   ├── StoreFull                no space (or quota) is left
    │   ├── StoreDamaged             an object is not what was written; names the object
    │   └── StoreFormatError         written by another version of this software
    ├── Fenced                       another leader has taken over the run
    ├── LeaderLost                   a running job cannot reach its leader
    ├── InsufficientResources        a job can never fit
    ├── UrlError                     a URL could not be read or written
    │   └── NoSuchUrl                there is nothing at the URL
    ├── RunFailed                    3 facts: failed jobs, where their logs are, how to resume
    ├── Interrupted                  130; the run was stopped and can be resumed
    └── InternalError                a bug of ours

Facts are attributes and go through ``super().__init__``, so that every error survives pickling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ToilError(Exception):
    """Anything that goes wrong and is explained in one line.

    ``message`` says what failed and on what; ``cure`` what to try, or is empty.
    """

    exit_code = 1

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message, cure)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}. {self.cure}" if self.cure else self.message


class UsageError(ToilError):
    """The person asked for something that makes no sense; nothing was started."""

    exit_code = 2


class UnknownPlugin(UsageError):
    """No installed plugin provides what was asked for."""


class IllegalGraph(UsageError):
    """The jobs of a workflow could never all run; the message names them."""


class UnsupportedFeature(UsageError):
    """The document needs a feature that is not available here."""

    exit_code = 33


class PluginError(ToilError):
    """A plugin cannot be used: it fails to import, is doubled, or speaks another contract version."""


class StorageError(ToilError):
    """The job store could not do what was asked."""


class StoreExists(StorageError):
    """A job store is already at the locator."""


class NoSuchStore(StorageError):
    """There is no job store at the locator."""


class NoSuchObject(StorageError):
    """The store holds no object under the key."""


class ObjectExists(StorageError):
    """A put with ``if_absent`` found the key taken."""


class StoreFull(StorageError):
    """The store's medium has no space or quota left."""


class StoreDamaged(StorageError):
    """An object's content is not what was written; the message names the object."""


class StoreFormatError(StorageError):
    """The store was written by a version of this software with another format."""


class Fenced(ToilError):
    """Another leader has taken over the run; this one has stopped and changed nothing since."""


class LeaderLost(ToilError):
    """A running job cannot reach its leader, or the leader is gone."""


class InsufficientResources(ToilError):
    """A job asks for more than there is anywhere."""


class UrlError(ToilError):
    """A URL could not be read or written."""


class NoSuchUrl(UrlError):
    """There is nothing at the URL."""


class Interrupted(ToilError):
    """The person stopped the run; what finished is kept."""

    exit_code = 130


class InternalError(ToilError):
    """A bug of ours."""

    exit_code = 70


@dataclass(frozen=True, slots=True)
class FailedJob:
    """What a person should know of a job that failed for good. Empty strings where nothing is known."""

    name: str
    message: str
    command: str = ""
    exit_status: int | None = None
    log_tail: str = ""
    log_path: str = ""


class RunFailed(ToilError):
    """The run ended with failed jobs: ``jobs``, in the order of failing."""

    def __init__(self, message: str, cure: str = "", jobs: Sequence[FailedJob] = (), exit_code: int = 1) -> None:
        super().__init__(message, cure)
        self.args = (message, cure, tuple(jobs), exit_code)
        self.jobs = tuple(jobs)
        self.exit_code = exit_code
