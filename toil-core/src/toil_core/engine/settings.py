"""What a run is told: resolved options, ready for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from toil_core.engine.policy import Policy


class Clean(Enum):
    """When the job store is removed at the end of a run."""

    ALWAYS = "always"
    ON_SUCCESS = "on-success"
    ON_ERROR = "on-error"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Everything ``engine.session.execute`` needs to know.

    ``locator`` names the job store; ``batch_options`` is an instance of the batch system's options
    class, and ``options`` has those of job stores and URL accesses by their classes. ``write_logs`` is a
    folder for the logs of failed attempts, and of all with ``write_all_logs``; with ``compress_logs`` they
    are compressed by gzip. ``max_active`` bounds the attempts that the batch system holds at a time.
    ``auto_deployment``: workers that see no file of this machine are sent code. ``shares_processes``: jobs that
    may run in one process after each other do.
    """

    locator: str
    work_dir: Path
    restart: bool = False
    clean: Clean = Clean.ON_SUCCESS
    batch_system: str = "single_machine"
    batch_options: Any = None
    options: Mapping[type[Any], Any] = field(default_factory=dict)
    policy: Policy = Policy()
    write_logs: Path | None = None
    write_all_logs: bool = False
    compress_logs: bool = False
    write_events: Path | None = None
    max_active: int = 4000
    auto_deployment: bool = True
    shares_processes: bool = True
