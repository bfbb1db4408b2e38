"""One screen about a failed run: which step, which command, its status, its log's tail, what to try."""

from __future__ import annotations

import signal
from collections.abc import Iterator

from toil_core.errors import FailedJob, RunFailed

_JOBS_SHOWN = 3
_LOG_LINES_SHOWN = 12
_COMMAND_SHOWN = 500


def failure_report(error: RunFailed) -> str:
    """The screen's text: the failed jobs, and how to go on."""
    lines = [jobs_report(error), "", f"{error.message}."]
    if error.cure:
        lines.append(error.cure)
    return "\n".join(lines)


def jobs_report(error: RunFailed) -> str:
    """The failed jobs alone: the first are told in full, the rest counted."""
    lines = []
    for job in error.jobs[:_JOBS_SHOWN]:
        lines += [*_job_lines(job), ""]
    rest = len(error.jobs) - _JOBS_SHOWN
    if rest > 0:
        names = sorted({job.name for job in error.jobs[_JOBS_SHOWN:]})
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        lines.append(f"{rest} more failed: {shown}")
    return "\n".join(lines).rstrip()


def _job_lines(job: FailedJob) -> Iterator[str]:
    yield f"FAILED  {job.name}: {job.message}"
    if job.command:
        command = " ".join(job.command.split())
        yield f"  command      {command[:_COMMAND_SHOWN]}{' ...' if len(command) > _COMMAND_SHOWN else ''}"
    if job.exit_status is not None:
        yield f"  exit status  {_status(job.exit_status)}"
    tail = job.log_tail.rstrip().splitlines()
    if tail:
        yield "  log"
        if len(tail) > _LOG_LINES_SHOWN:
            yield "    ..."
        yield from (f"    {line}" for line in tail[-_LOG_LINES_SHOWN:])
    if job.log_path:
        yield f"  whole log    {job.log_path}"


def _status(status: int) -> str:
    if status >= 0:
        return str(status)
    try:
        return f"{status} ({signal.Signals(-status).name})"
    except ValueError:
        return str(status)
