"""Contract: a language front end, which turns a document and its inputs into jobs.

To write one: subclass ``Language``, return a ``LanguageSpec`` from ``toil_languages``, and inherit
``toil_core.testing.LanguageContract`` in a test. ``toil run DOCUMENT [INPUTS...]`` asks every
installed language whether it recognizes the document, by its name first and then its first bytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toil_core.api.job import FileAccess
from toil_core.api.storage import Storage
from toil_core.api.url_access import UrlAccess
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId

CONTRACT = 1


class Program(ABC):
    """A loaded and checked document with its inputs, ready to become a run."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call this run."""

    @property
    def origin(self) -> str:
        """What the jobs follow from, in a word of the program's own; it is kept with the run."""
        return ""

    def goes_on(self, origin: str) -> bool:
        """Whether a restart goes on with a run of that origin. If not, the run starts over with the jobs
        of this program: for one that knows how to take what had finished from elsewhere."""
        return True

    @abstractmethod
    def jobs(self, files: FileAccess) -> Sequence[JobDescription]:
        """The jobs a new run starts with; the first one's value is the run's result.

        Called once a run, before the worker host is forked: what this imports and loads, warm
        workers inherit. On a restart ``preload`` is called instead, unless the leader before
        died so early that the run has no jobs yet, or ``goes_on`` says that the run starts over:
        the first job then has another id than the one of the run that is given up.
        """

    def preload(self) -> None:
        """Load what bodies will need, so that warm workers inherit it."""

    def revision(self, begun: Mapping[JobId, str]) -> Callable[[JobDescription], JobDescription]:
        """On a restart: what describes anew a job that has not run, for what the program asks for may have
        changed since. Ids and edges must stay. ``begun`` names the jobs that the run began with.

        It may raise ``UsageError``. By default every job stays as it is.
        """
        return lambda job: job

    def deploy(self, storage: Storage) -> Sequence[str]:
        """Put the code of bodies into the run's storage, below ``code/``, for workers that see no file of
        this machine; the keys, first that of a ``model.deployment.Deployment``. None if every worker has it.

        Called before anything runs, also on a restart. Raises ``UsageError`` for code that cannot be sent.
        """
        return ()

    @abstractmethod
    def conclude(self, value: str, values: Mapping[JobId, str], files: FileAccess) -> Any:
        """Turn the root's value into the result, exporting files; returns what to print as JSON,
        or ``None``. ``values`` holds those promised inside it, and those of all other jobs of the run;
        each is read when it is looked up.

        Called when everything finished; on a restart of a finished run called again."""


class Language(ABC):
    """A language. Made without touching anything."""

    @abstractmethod
    def recognizes(self, document: str, head: bytes) -> bool:
        """Whether the document (a path or URL) is of this language; ``head`` is its first 64 KiB,
        empty if it is not a local file."""

    def use_urls(self, access: Callable[[str], UrlAccess]) -> None:
        """Told before ``load``: what gives the access to a URL of any installed kind, for documents, inputs and
        destinations that may be anywhere. It raises ``UnknownPlugin``. By default nothing is made of it."""

    @abstractmethod
    def load(self, document: str, inputs: Sequence[str], options: Any) -> Program:
        """Load and validate. ``options`` is an instance of the descriptor's options class.

        Raises ``UsageError`` naming file, line and column, ``UnsupportedFeature``.
        """
