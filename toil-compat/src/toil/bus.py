"""What a run tells while it goes on, as upstream's messages: to subscribers in this process, or in a file.

::

    bus = MessageBus()
    kept = bus.subscribe(JobFailedMessage, lambda message: print(message.job_type))
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from toil_core.errors import UsageError
from toil_core.model.event import Event, EventKind


class JobIssuedMessage(NamedTuple):
    """A job was handed to the batch system."""

    job_type: str
    job_id: str
    toil_batch_id: int


class JobUpdatedMessage(NamedTuple):
    """A try at a job has ended; ``result_status`` is 0 if it succeeded."""

    job_id: str
    result_status: int


class JobCompletedMessage(NamedTuple):
    """A try at a job has ended, well or not."""

    job_type: str
    job_id: str
    exit_code: int


class JobFailedMessage(NamedTuple):
    """A job has failed for good."""

    job_type: str
    job_id: str


class JobMissingMessage(NamedTuple):
    """The batch system has lost a job. Never told here: a lost job's try has ended."""

    job_id: str


class JobAnnotationMessage(NamedTuple):
    """Something more about a job."""

    job_id: str
    annotation_name: str
    annotation_value: str


class ExternalBatchIdMessage(NamedTuple):
    """How a queue outside calls a job. Told by no batch system here."""

    toil_batch_id: int
    external_batch_id: str
    batch_system: str


class QueueSizeMessage(NamedTuple):
    """How many jobs the batch system has."""

    queue_size: int


class ClusterSizeMessage(NamedTuple):
    """How many nodes of a kind a cluster has. Told by nobody here."""

    instance_type: str
    current_size: int


class ClusterDesiredSizeMessage(NamedTuple):
    """How many nodes of a kind a cluster is to have. Told by nobody here."""

    instance_type: str
    desired_size: int


Message = (
    JobIssuedMessage
    | JobUpdatedMessage
    | JobCompletedMessage
    | JobFailedMessage
    | JobMissingMessage
    | JobAnnotationMessage
    | ExternalBatchIdMessage
    | QueueSizeMessage
    | ClusterSizeMessage
    | ClusterDesiredSizeMessage
)

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in Message.__args__}

M = TypeVar("M")


class Subscription:
    """A handler for messages of a kind. It is called while somebody holds this object."""

    def __init__(self, kind: type[Any], handler: Callable[[Any], object]) -> None:
        self.kind = kind
        self.handler = handler


class MessageBus:
    """Hands messages to those who subscribed, in the thread that publishes them."""

    def __init__(self) -> None:
        self._subscribed: weakref.WeakSet[Subscription] = weakref.WeakSet()
        self._kept: list[Subscription] = []

    def publish(self, message: Message) -> None:
        """Hand a message to all who wait for its kind."""
        for one in list(self._subscribed):
            if isinstance(message, one.kind):
                one.handler(message)

    def subscribe(self, message_type: type[M], handler: Callable[[M], object]) -> Subscription:
        """Have a handler called for each message of a kind as long as what this returns is held."""
        made = Subscription(message_type, handler)
        self._subscribed.add(made)
        return made

    def outbox(self) -> MessageBus:
        """Where messages are published: here."""
        return self

    def connect_output_file(self, file_path: str) -> IO[str]:
        """Have all messages written to a new file, a line each; the caller closes it in the end.
        Raises ``UsageError``."""
        try:
            out = Path(file_path).open("w", encoding="utf-8")  # noqa: SIM115  the caller closes it
        except OSError as error:
            raise UsageError(f"Cannot write messages to {file_path}: {error.strerror}") from error

        def write(message: Any) -> None:
            out.write(json.dumps([type(message).__name__, *message]) + "\n")
            out.flush()

        self._kept += [self.subscribe(kind, write) for kind in _KINDS.values()]
        return out


class Translation:
    """Turns a run's events into messages on a bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._issued: set[str] = set()

    def observe(self, event: Event) -> None:
        """Publish what the event tells."""
        for message in self._messages(event):
            self._bus.publish(message)

    def _messages(self, event: Event) -> Iterator[Message]:
        job = str(event.job or "")
        if event.kind is EventKind.JOB_ISSUED:
            self._issued.add(job)
            yield JobIssuedMessage(event.name, job, _number(event))
            yield QueueSizeMessage(len(self._issued))
        elif event.kind in (EventKind.JOB_SUCCEEDED, EventKind.JOB_REUSED, EventKind.ATTEMPT_FAILED):
            status = (event.exit_status or 1) if event.kind is EventKind.ATTEMPT_FAILED else 0
            self._issued.discard(job)
            yield JobUpdatedMessage(job, status)
            yield JobCompletedMessage(event.name, job, status)
            yield QueueSizeMessage(len(self._issued))
        elif event.kind is EventKind.JOB_FAILED:
            yield JobFailedMessage(event.name, job)


@dataclass
class JobStatus:
    """What messages tell of one job; ``exit_code`` is -1 as long as it has not ended."""

    job_store_id: str
    name: str = ""
    exit_code: int = -1
    annotations: dict[str, str] = field(default_factory=dict)
    toil_batch_id: int = -1
    external_batch_id: str | None = None
    batch_system: str = ""

    def is_running(self) -> bool:
        """Whether the job was handed to the batch system, and has not ended."""
        return self.exit_code < 0 and self.toil_batch_id >= 0


def replay_message_bus(path: str) -> dict[str, JobStatus]:
    """How each job of a file of messages stands at its end, by the job's id."""
    jobs: dict[str, JobStatus] = {}
    for message in _read(path):
        if not hasattr(message, "job_id"):
            continue
        job = jobs.setdefault(message.job_id, JobStatus(message.job_id))
        if isinstance(message, JobIssuedMessage):
            job.name, job.toil_batch_id, job.exit_code = message.job_type, message.toil_batch_id, -1
        elif isinstance(message, JobUpdatedMessage):
            job.exit_code = message.result_status
        elif isinstance(message, JobAnnotationMessage):
            job.annotations[message.annotation_name] = message.annotation_value
    return jobs


def _read(path: str) -> Iterator[Any]:
    for line in Path(path).read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):  # the last one of a run that was killed may be cut short
            name, *fields = json.loads(line)
            yield _KINDS[name](*fields)


def _number(event: Event) -> int:
    return int(str(event.attempt or "0").rpartition(".")[2])
