"""What a worker host is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toil_core.model.channel import ChannelAddress


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The run's job store, its work directory on this machine, its id, and whether every attempt's
    whole log is to be kept. ``shares_files``: jobs see the files of the leader's machine. ``shares_processes``:
    jobs of ``Isolation.SHARED`` do. ``channel`` is where running jobs reach the leader; ``None``: as the job
    store says. ``options`` are those of the job store and of URL accesses, by their classes; they come from the
    environment where there are none."""

    locator: str
    work_dir: Path
    run: str
    keep_logs: bool = False
    shares_files: bool = False
    shares_processes: bool = True
    channel: ChannelAddress | None = None
    options: Mapping[type[Any], Any] = field(default_factory=dict)
