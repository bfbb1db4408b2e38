"""A job that does nothing, run before there are any to run.

Workers are forked from the host: what this fills in the host, first of all the wire format's coders, no worker
has to make again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toil_core.api.job import JobContext
from toil_core.errors import LeaderLost
from toil_core.files.node_files import NodeFiles
from toil_core.model.channel import ChannelAddress
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources
from toil_core.model.wire import decode_order, encode_order, encode_outcome
from toil_core.worker.attempt import run_attempt
from toil_core.worker.attempt_directory import AttemptDirectory


def rehearse(files: NodeFiles, work_dir: Path) -> None:
    """Do what every worker does, without writing anything."""
    job = JobDescription(JobId("0"), "rehearsal", f"{__name__}:{nothing.__name__}", Payload(text=""))
    order = WorkOrder(AttemptId("rehearsal"), job, Resources())
    directory = AttemptDirectory(work_dir / "rehearsal")
    encode_outcome(run_attempt(decode_order(encode_order(order)), files, directory, None, nobody))


def nothing(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """The body of the job."""
    return payload


def nobody(attempt: AttemptId) -> ChannelAddress:
    """The leader of attempts that have none."""
    raise LeaderLost(f"the attempt {attempt} has no leader")
