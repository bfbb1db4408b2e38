"""Batch systems as upstream's plugins write them, and the error for a job that can never fit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from toil.bus import MessageBus
from toil.description import JobDescription
from toil_core.errors import InsufficientResources

InsufficientSystemResources = InsufficientResources

EXIT_STATUS_UNAVAILABLE_VALUE = 255

__all__ = [
    "EXIT_STATUS_UNAVAILABLE_VALUE",
    "AbstractBatchSystem",
    "BatchJobExitReason",
    "BatchSystemSupport",
    "InsufficientSystemResources",
    "UpdatedBatchJobInfo",
]


class BatchJobExitReason(IntEnum):
    """Why a job of a batch system is over."""

    FINISHED = 1
    FAILED = 2
    LOST = 3
    KILLED = 4
    ERROR = 5
    MEMLIMIT = 6
    MISSING = 7
    MAXJOBDURATION = 8
    PARTITION = 9


class UpdatedBatchJobInfo(NamedTuple):
    """A job that is over; ``wallTime`` in seconds where it is known."""

    jobID: int
    exitStatus: int
    wallTime: float | None = None
    exitReason: BatchJobExitReason | None = None


class AbstractBatchSystem(ABC):
    """What ``registry.add_batch_system_factory`` takes classes of. One is made by
    ``cls(config, maxCores, maxMemory, maxDisk)``."""

    @classmethod
    def supportsAutoDeployment(cls) -> bool:
        """Whether jobs are sent the workflow's code, because they do not see the leader's files."""
        return False

    @classmethod
    def supportsWorkerCleanup(cls) -> bool:
        """Whether it tidies nodes up. Nobody asks here: jobs do."""
        return False

    @classmethod
    def add_options(cls, parser: ArgumentParser) -> None:
        """Never called here: a script adds the options of its batch system to its own parser."""

    @abstractmethod
    def issueBatchJob(
        self, command: str, job_desc: JobDescription, job_environment: Mapping[str, str] | None = None
    ) -> int:
        """Have a shell command run with what the description asks for; a number for it."""

    @abstractmethod
    def killBatchJobs(self, jobIDs: list[int]) -> None:
        """End these jobs, and return when they have ended. They are not told of by ``getUpdatedBatchJob``."""

    @abstractmethod
    def getUpdatedBatchJob(self, maxWait: int) -> UpdatedBatchJobInfo | None:
        """A job that is over; ``None`` if there is none for so many seconds. Called by a thread of its own."""

    @abstractmethod
    def shutdown(self) -> None:
        """Give back all that was taken."""

    def getIssuedBatchJobIDs(self) -> list[int]:
        """The jobs that are not over. Nobody asks here."""
        return list(self.getRunningBatchJobIDs())

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """The jobs that run, with the seconds that they have. Nobody asks here."""
        return {}

    def getSchedulingStatusMessage(self) -> Any:
        """Why jobs wait. Nobody asks here."""
        return None

    def setEnv(self, name: str, value: str | None = None) -> None:
        """Never called here: workers have the leader's environment where the batch system hands it on."""

    def setUserScript(self, userScript: Any) -> None:
        """Never called here: workers get the code by themselves."""

    def set_message_bus(self, message_bus: MessageBus) -> None:
        """Be given the bus of the run."""

    @classmethod
    def setOptions(cls, setOption: Callable[..., object]) -> None:
        """Never called here: a configuration has all options."""


class BatchSystemSupport(AbstractBatchSystem):
    """The usual beginning of a batch system: it keeps what it is made with."""

    def __init__(self, config: Any, maxCores: float, maxMemory: int, maxDisk: int) -> None:
        self.config = config
        self.maxCores = maxCores
        self.maxMemory = maxMemory
        self.maxDisk = maxDisk
        self.environment: dict[str, str] = {}

    def check_resource_request(self, requirer: JobDescription) -> None:
        """Raises ``InsufficientSystemResources`` for a job that asks for more than any can have."""
        most: Sequence[tuple[str, float]] = (
            ("cores", self.maxCores),
            ("memory", self.maxMemory),
            ("disk", self.maxDisk),
        )
        for name, limit in most:
            if getattr(requirer, name) > limit:
                raise InsufficientSystemResources(
                    f"{requirer} asks for more {name} than the {limit} that jobs may have"
                )
