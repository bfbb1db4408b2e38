"""What a worker host is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toil_core.model.channel import ChannelAddress


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The run's job store, its work directory on this machine, its id, and whether every attempt's
    whole log is to be kept. ``shares_files``: jobs see the files of the leader's machine. ``channel`` is where
    running jobs reach the leader; ``None``: as the job store says."""

    locator: str
    work_dir: Path
    run: str
    keep_logs: bool = False
    shares_files: bool = False
    channel: ChannelAddress | None = None
