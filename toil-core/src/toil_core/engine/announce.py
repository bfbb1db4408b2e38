"""Records as events for people and observers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toil_core.engine.node import Node, is_glue
from toil_core.model.description import JobDescription
from toil_core.model.event import Event, EventKind
from toil_core.model.file import FileRef
from toil_core.model.outcome import Outcome
from toil_core.model.record import JobFailed, OutcomeAccepted


def added(jobs: Iterable[JobDescription], at: float) -> list[Event]:
    """Jobs that are new; bookkeeping is no news."""
    return [Event(EventKind.JOB_ADDED, at, job.id, job.name) for job in jobs if not is_glue(job)]


def outcome_events(record: OutcomeAccepted, job: JobDescription, is_retried: bool = False) -> list[Event]:
    """What an accepted outcome tells: messages of the job, its end, and the jobs it made.

    ``is_retried``: of a failure, whether the job is tried again.
    """
    outcome, at = record.outcome, record.at
    events = [
        Event(EventKind.MESSAGE, at, job.id, job.name, outcome.attempt, message.text, level=message.level)
        for message in outcome.messages
    ]
    failure, usage = outcome.failure, outcome.usage
    if failure is not None or not is_glue(job):
        succeeded = EventKind.JOB_REUSED if outcome.is_reused else EventKind.JOB_SUCCEEDED
        event = Event(
            succeeded if failure is None else EventKind.ATTEMPT_FAILED,
            at,
            job.id,
            job.name,
            outcome.attempt,
            "" if failure is None else failure.message,
            None if failure is None else failure.exit_status,
            usage.wall_seconds,
            usage.user_seconds + usage.system_seconds,
            usage.peak_memory,
            is_retried,
        )
        events.append(event)
    return events + added(outcome.jobs, at)


def reused(jobs: Iterable[Node], at: float) -> list[Event]:
    """At the end of a run, how much of it was taken from earlier work, if anything was."""
    heard = [node for node in jobs if not is_glue(node.description)]
    count = sum(node.is_reused for node in heard)
    text = f"{count} of {len(heard)} jobs took the result of earlier work"
    return [Event(EventKind.MESSAGE, at, text=text)] if count else []


def job_failed(record: JobFailed, name: str, at: float) -> Event:
    """A job has no tries left."""
    return Event(
        EventKind.JOB_FAILED, at, record.job, name, text=record.failure.message, exit_status=record.failure.exit_status
    )


def stored_files(outcome: Outcome) -> Iterator[FileRef]:
    """Every stored file that accepting the outcome makes part of the run."""
    yield from (ref for ref in outcome.files if not ref.is_by_reference)
    if outcome.log.file is not None:
        yield outcome.log.file
    if outcome.value is not None and outcome.value.file is not None:
        yield outcome.value.file
    yield from (job.payload.file for job in outcome.jobs if job.payload.file is not None)
