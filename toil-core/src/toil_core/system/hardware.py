"""What this machine has for us: affinity and control-group limits are honoured."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def cores() -> float:
    """The processors this process may use, a control group's quota considered."""
    count = float(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else float(os.cpu_count() or 1)
    quota = _cpu_quota()
    return count if quota is None else min(count, quota)


def memory() -> int:
    """Bytes of main memory, or of the control group's limit if that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int((_CGROUP / name).read_text()))
    return total


def disk_free(path: Path) -> int:
    """Bytes that can still be written where ``path`` lies."""
    return shutil.disk_usage(path).free


def boot_id() -> str:
    """A name of the time since this machine was started (random(4)); empty where the system has none."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _cpu_quota() -> float | None:
    with contextlib.suppress(OSError, ValueError):  # cgroup v2
        quota, period = (_CGROUP / "cpu.max").read_text().split()
        return int(quota) / int(period)
    with contextlib.suppress(OSError, ValueError):  # cgroup v1
        quota_us = int((_CGROUP / "cpu/cpu.cfs_quota_us").read_text())
        if quota_us > 0:
            return quota_us / int((_CGROUP / "cpu/cpu.cfs_period_us").read_text())
    return None


def nvidia_devices() -> int:
    """How many NVIDIA devices have their device files here."""
    return len(list(Path("/dev").glob("nvidia[0-9]*")))
