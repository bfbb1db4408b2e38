"""The facts of a job, by upstream's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toil.requirements import keywords_of_job, shown
from toil.requirer import Requirer
from toil_core.workflow import JobSettings

if TYPE_CHECKING:
    from typing_extensions import Self


class JobDescription(Requirer):
    """What a job is called and what it asks for. That of a job (``job.description``) is the job's own: what
    is set here is set there."""

    def __init__(
        self,
        requirements: Mapping[str, Any],
        jobName: str,
        unitName: str | None = "",
        displayName: str | None = "",
        local: bool | None = None,
        files: set[str] | None = None,
    ) -> None:
        """``local`` and ``files`` change nothing here."""
        self.jobName = jobName
        self.unitName = unitName or ""
        self.displayName = displayName or jobName
        self.jobStoreID = ""
        self._settings = JobSettings().updated(**keywords_of_job(**requirements))
        self._of: Requirer | None = None

    @classmethod
    def of(cls, job: Requirer, jobName: str, unitName: str, displayName: str, jobStoreID: str) -> JobDescription:
        """That of a job."""
        made = cls({}, jobName, unitName, displayName)
        made.jobStoreID = jobStoreID
        made._of = job
        return made

    def get_job_kind(self) -> str:
        """What people call jobs like this one."""
        return " ".join(filter(None, (self.displayName, self.unitName)))

    def __copy__(self) -> Self:
        """The same facts, as those of no job."""
        made = type(self)(self.requirements, self.jobName, self.unitName, self.displayName)
        made.jobStoreID = self.jobStoreID
        return made

    def __str__(self) -> str:
        return f"{self.jobName!r} {self.get_job_kind()} {self.jobStoreID}".rstrip()

    def _required(self, name: str) -> Any:
        return shown(self._settings, name) if self._of is None else self._of._required(name)

    def _require(self, name: str, value: Any) -> None:
        if self._of is None:
            self._settings = self._settings.updated(**keywords_of_job(**{name: value}))
        else:
            self._of._require(name, value)


class CheckpointJobDescription(JobDescription):
    """That of a job that is run again when something in its subtree failed for good."""


class ServiceJobDescription(JobDescription):
    """That of the job in which a service runs."""
