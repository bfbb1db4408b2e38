"""One attempt at one job, in this process."""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import sys
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from types import FrameType, TracebackType

from toil_core.api.job import JobBody, JobFailure
from toil_core.errors import ToilError, UnsupportedFeature
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Failure, FailureKind, Log, Outcome, Usage
from toil_core.model.payload import Payload
from toil_core.model.units import format_bytes
from toil_core.worker.attempt_directory import AttemptDirectory
from toil_core.worker.context import AttemptContext, FindLeader

LOG_TAIL_BYTES = 8 * 1024

_OURS = ("toil_core", "toil")


def run_attempt(
    order: WorkOrder,
    node_files: NodeFiles,
    directory: AttemptDirectory,
    log_path: str | None,
    leader_of: FindLeader,
    keep_log: bool = False,
) -> Outcome:
    """Run a job's body and tell what came of it; never raises for what the body does.

    ``log_path`` is the file that already gets this process's stdout and stderr, or ``None``: they go
    where they go, and the outcome has no log. ``directory`` is cleared at the end. ``leader_of`` is called
    when the body first has something to say to the leader.
    """
    began = time.monotonic()
    before = _used()
    files = JobFiles(node_files, order.attempt, directory.path)
    context = AttemptContext(order, files, directory, leader_of)
    try:
        if order.deployment:
            _take_in(order.deployment, node_files)
        with _variables(order.environment):
            outcome = _succeeded(order, context)
    except BaseException as error:  # whatever a body raises is the attempt's failure, not the worker's
        outcome = Outcome(
            order.job.id,
            order.attempt,
            failure=_failure(error, order),
            messages=tuple(context.messages),
        )
    context.aborts.forget()
    context.hang_up()
    _flush()
    log = _log(files, log_path, keep_log or outcome.failure is not None)
    files.finish()
    written = tuple(files.written) if outcome.failure is None else ()
    directory.clear()
    return replace(outcome, files=written, log=log, usage=_usage(began, before))


def _succeeded(order: WorkOrder, context: AttemptContext) -> Outcome:
    body = _body(order.job.body)
    payload = _text(order.job.payload, context.files)
    values = {job: _text(value, context.files) for job, value in order.values}
    value = body(context, payload, values)
    return Outcome(
        order.job.id,
        order.attempt,
        value=context.payload(value),
        needs=tuple(context.needed),
        jobs=tuple(context.jobs),
        deleted=tuple(context.files.deleted),
        messages=tuple(context.messages),
        is_reused=context.is_reused,
    )


@contextlib.contextmanager
def _variables(given: Sequence[tuple[str, str]]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name, _ in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():  # a process that stays has other attempts
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _take_in(deployment: str, node_files: NodeFiles) -> None:
    from toil_core.deployment.arrival import arrive

    arrive(deployment, node_files.storage)


def _body(name: str) -> JobBody:
    module, _, function = name.partition(":")
    try:
        body: JobBody = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise JobFailure(f"this worker cannot import the job's code {name}: {error}", FailureKind.PERMANENT) from error
    return body


def _text(payload: Payload, files: JobFiles) -> str:
    if payload.file is None:
        return payload.text or ""
    with files.open(payload.file) as stream:
        return stream.read().decode()


def _failure(error: BaseException, order: WorkOrder) -> Failure:
    if isinstance(error, JobFailure):
        return error.failure
    if isinstance(error, UnsupportedFeature):
        return Failure(FailureKind.UNSUPPORTED, error.message)
    ours = {*_OURS, order.job.body.partition(":")[0].partition(".")[0]}
    trace = _of_author(error.__traceback__, ours)
    if isinstance(error, ToilError):
        theirs = takewhile(lambda frame: not _is_of(frame[0], ours), traceback.walk_tb(trace))
        _print([*traceback.format_tb(trace, len(list(theirs))), f"{error}\n"])
        return Failure(FailureKind.ERROR, str(error))
    _print(traceback.format_exception(type(error), error, trace or error.__traceback__))
    if isinstance(error, MemoryError):
        allowed = format_bytes(order.resources.memory)
        return Failure(FailureKind.MEMORY, f"it needed more than the {allowed} of memory that it asked for")
    text = _text_of(error).partition("\n")[0]
    return Failure(FailureKind.ERROR, f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as own:  # of an error of the author's, whose text is code of the author's
        return f"its text cannot be made, for {type(own).__name__}"


def _print(lines: Iterable[str]) -> None:
    """Write to the job's log, behind what it printed, whatever it has done with its streams."""
    _flush()
    with contextlib.suppress(OSError), open(2, "w", errors="backslashreplace", closefd=False) as log:
        log.writelines(lines)


def _of_author(trace: TracebackType | None, ours: Collection[str]) -> TracebackType | None:
    """A traceback from where ``ours``, the packages of engine and body, called the author's code; ``None`` if they
    never did."""
    while trace is not None and _is_of(trace.tb_frame, ours):
        trace = trace.tb_next
    return trace


def _is_of(frame: FrameType, packages: Collection[str]) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in packages


def _log(files: JobFiles, path: str | None, keep: bool) -> Log:
    if path is None or not keep:
        return Log()
    tail = tail_of(path)
    return Log(tail, files.write(Path(path))) if tail else Log()


def tail_of(path: str) -> str:
    """The end of a log as text; empty for no path."""
    if not path:
        return ""
    with open(path, "rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - LOG_TAIL_BYTES))
        return stream.read().decode(errors="replace")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(ValueError, OSError):  # the job has closed it, or the disk is full
                stream.flush()


def _used() -> tuple[float, float]:
    own = resource.getrusage(resource.RUSAGE_SELF)
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + below.ru_utime, own.ru_stime + below.ru_stime


def _usage(began: float, before: tuple[float, float]) -> Usage:
    after = _used()
    # Peaks are those of the process and of its largest child so far; kernel units are KiB on Linux.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Usage(time.monotonic() - began, after[0] - before[0], after[1] - before[1], peak * unit)
