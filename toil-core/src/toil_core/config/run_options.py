"""The options of every run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option
from toil_core.model.requirements import Accelerator, parse_accelerator
from toil_core.model.units import format_bytes, parse_bytes, parse_cores, parse_seconds


class CleanWhen(Enum):
    """When the job store is removed at the end."""

    ALWAYS = "always"
    ON_SUCCESS = "on-success"
    ON_ERROR = "on-error"
    NEVER = "never"


class LogLevel(Enum):
    """How much is said on stderr."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


def _show_accelerator(value: Accelerator) -> str:
    return f"{value.model or value.api or value.brand or value.kind}:{value.count}"


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError as error:
        raise ValueError("not a whole number") from error
    if count < 0:
        raise ValueError("below 0")
    return count


def _at_least_one(text: str) -> int:
    count = _count(text)
    if count == 0:
        raise ValueError("not above 0")
    return count


@dataclass(frozen=True)
class StoreOptions:
    """Where a run lives."""

    GROUP: ClassVar[str] = "The run and where it is kept"

    job_store: str = option("", "Keep the run in this job store; by default in a new one below the work directory.")
    restart: bool = option(False, "Go on with the run in the job store, keeping everything that had finished.")
    clean: CleanWhen = option(
        CleanWhen.ON_SUCCESS, "Remove the job store at the end: always, on-success, on-error or never.", metavar="WHEN"
    )
    work_dir: Path | None = option(
        None,
        "Make the directories that jobs work in below this one; by default below TMPDIR.",
        environment="TOIL_WORKDIR",
    )
    run_dir: Path | None = option(
        None, "Keep all of the run below this directory that is not named otherwise: job store and work directory."
    )


@dataclass(frozen=True)
class ScheduleOptions:
    """Who runs the jobs."""

    GROUP: ClassVar[str] = "Running jobs"

    batch_system: str = option("single_machine", "Run jobs by this batch system.", metavar="NAME")
    max_jobs: int = option(
        4000, "Let the batch system hold at most this many jobs at a time.", parse=_at_least_one, metavar="N"
    )
    retry_count: int = option(1, "Try a job that failed this many times more.", parse=_count, metavar="N")
    double_mem: bool = option(
        False, "Ask for twice the memory when a job was ended for needing more than it asked for."
    )
    double_time: bool = option(False, "Give twice the time when a job was ended for needing more than its time limit.")
    max_job_duration: float = option(
        0.0,
        "Fail an attempt that takes longer than this, whatever the job's time limit; 0 for no limit.",
        parse=parse_seconds,
        metavar="SECONDS",
    )
    enable_unlimited_preemptible_retries: bool = option(
        False, "Do not count tries that ended because a preemptible node was taken back."
    )
    disable_auto_deployment: bool = option(
        False,
        "Send no code to workers that see no file of this machine: they must have the script and its modules.",
        aliases=("--disableHotDeployment",),
    )
    disable_chaining: bool = option(
        False, "Give every job a process of its own, also those that may run in one after each other."
    )
    stop_on_first_failure: bool = option(False, "Stop the whole run as soon as one job has failed for good.")


@dataclass(frozen=True)
class ResourceOptions:
    """What jobs need that do not say."""

    GROUP: ClassVar[str] = "Resources of jobs that do not say what they need"

    default_cores: float = option(1.0, "Give a job this many cores.", parse=parse_cores, metavar="N")
    default_memory: int = option(2 * 1024**3, "Give a job this much memory.", parse=parse_bytes, show=format_bytes)
    default_disk: int = option(2 * 1024**3, "Give a job this much disk.", parse=parse_bytes, show=format_bytes)
    default_accelerators: tuple[Accelerator, ...] = option(
        (),
        "Give a job these accelerators: a number of GPUs, or WHICH:COUNT by model, brand or API, as nvidia:2.",
        parse=parse_accelerator,
        show=_show_accelerator,
    )
    default_preemptible: bool = option(False, "Allow jobs on nodes that can be taken back.")
    default_time_limit: float = option(
        0.0,
        "Fail an attempt that takes longer than this; 0 for no limit.",
        parse=parse_seconds,
        metavar="SECONDS",
        aliases=("--defaultWalltime",),
    )
    enforce_memory: bool = option(True, "Fail a job whose process allocates more memory than it asked for.")


@dataclass(frozen=True)
class LogOptions:
    """What is written down for people and programs."""

    GROUP: ClassVar[str] = "Logs and events"

    log_level: LogLevel = option(LogLevel.INFO, "Say this much on stderr: critical, error, warning, info or debug.")
    log_file: Path | None = option(None, "Write the leader's log to this file as well.", metavar="FILE")
    write_logs: Path | None = option(None, "Keep the logs of failed jobs in this folder.", metavar="DIR")
    write_logs_gzip: Path | None = option(
        None, "As --write-logs, but with every log compressed by gzip.", metavar="DIR"
    )
    write_logs_from_all_jobs: bool = option(False, "With --write-logs or --write-logs-gzip, keep the logs of all jobs.")
    write_events: Path | None = option(None, "Append every event to this file, as a line of JSON.", metavar="FILE")
    disable_progress: bool = option(False, "Show no progress line.")


RUN_OPTIONS: tuple[type, ...] = (StoreOptions, ScheduleOptions, ResourceOptions, LogOptions)
"""The core's own options of a run, in the order of the help."""
