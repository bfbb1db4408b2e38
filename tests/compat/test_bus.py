"""What a run tells as upstream's messages."""

from __future__ import annotations

import pytest

from toil.bus import (
    ClusterDesiredSizeMessage,
    ClusterSizeMessage,
    ExternalBatchIdMessage,
    JobAnnotationMessage,
    JobCompletedMessage,
    JobFailedMessage,
    JobIssuedMessage,
    JobMissingMessage,
    JobStatus,
    JobUpdatedMessage,
    MessageBus,
    QueueSizeMessage,
    Translation,
    replay_message_bus,
)
from toil_core.errors import UsageError
from toil_core.model.event import Event, EventKind
from toil_core.model.ids import AttemptId, JobId

EVENTS = (
    Event(EventKind.RUN_STARTED, 1.0),
    Event(EventKind.JOB_ISSUED, 1.0, JobId("7"), "align", AttemptId("1.5")),
    Event(EventKind.ATTEMPT_FAILED, 2.0, JobId("7"), "align", AttemptId("1.5"), "no", 3, is_retried=True),
    Event(EventKind.JOB_ISSUED, 3.0, JobId("7"), "align", AttemptId("2.6")),
    Event(EventKind.JOB_SUCCEEDED, 4.0, JobId("7"), "align", AttemptId("2.6")),
    Event(EventKind.JOB_FAILED, 5.0, JobId("8"), "sort"),
)

MESSAGES = (
    JobIssuedMessage("align", "7", 5),
    QueueSizeMessage(1),
    JobUpdatedMessage("7", 3),
    JobCompletedMessage("align", "7", 3),
    QueueSizeMessage(0),
    JobIssuedMessage("align", "7", 6),
    QueueSizeMessage(1),
    JobUpdatedMessage("7", 0),
    JobCompletedMessage("align", "7", 0),
    QueueSizeMessage(0),
    JobFailedMessage("sort", "8"),
)


def test_events_become_messages_for_those_who_subscribed():
    bus, found, sizes = MessageBus(), [], []
    kept = [bus.subscribe(kind, found.append) for kind in {type(message) for message in MESSAGES}]
    kept.append(bus.subscribe(QueueSizeMessage, lambda message: sizes.append(message.queue_size)))
    translation = Translation(bus)
    for event in EVENTS:
        translation.observe(event)
    assert found == list(MESSAGES)
    assert sizes == [1, 0, 1, 0]


def test_nobody_is_told_whose_subscription_is_gone():
    bus, found = MessageBus(), []
    kept = bus.subscribe(QueueSizeMessage, found.append)
    bus.outbox().publish(QueueSizeMessage(1))
    del kept
    bus.publish(QueueSizeMessage(2))
    assert found == [QueueSizeMessage(1)]


def test_messages_are_written_to_a_file_that_tells_how_jobs_stand(tmp_path):
    path, bus = str(tmp_path / "messages"), MessageBus()
    with bus.connect_output_file(path) as out:
        others = (
            JobMissingMessage("9"),
            JobAnnotationMessage("8", "name", "value"),
            ExternalBatchIdMessage(6, "slurm-1", "slurm"),
            ClusterSizeMessage("c5.large", 1),
            ClusterDesiredSizeMessage("c5.large", 2),
            JobIssuedMessage("sort", "8", 9),
        )
        for message in (*MESSAGES, *others):
            bus.publish(message)
        out.write('["JobFailed')
    jobs = replay_message_bus(path)
    assert jobs["7"] == JobStatus("7", "align", 0, {}, 6)
    assert jobs["8"] == JobStatus("8", "sort", -1, {"name": "value"}, 9)
    assert [job.is_running() for job in jobs.values()] == [False, True, False]


def test_a_file_that_cannot_be_written_is_an_error_of_the_user(tmp_path):
    with pytest.raises(UsageError, match="Cannot write messages"):
        MessageBus().connect_output_file(str(tmp_path))
