"""What this machine has for us: affinity and control-group limits are honoured."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
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


VISIBLE_NVIDIA = "CUDA_VISIBLE_DEVICES"
"""The variable by which NVIDIA's libraries are told which devices to use (CUDA C programming guide, "CUDA
environment variables"): their numbers or names, with commas."""

VISIBLE_AMD = "ROCR_VISIBLE_DEVICES"
"""The same for AMD's (ROCm documentation, "GPU isolation techniques")."""


def nvidia_devices(dev: Path = Path("/dev")) -> tuple[str, ...]:
    """The NVIDIA devices that this process may use, as ``VISIBLE_NVIDIA`` names them."""
    numbers = sorted(int(path.name[6:]) for path in dev.glob("nvidia[0-9]*") if path.name[6:].isdigit())
    return _allowed(VISIBLE_NVIDIA, numbers)


def amd_devices(nodes: Path = Path("/sys/class/kfd/kfd/topology/nodes")) -> tuple[str, ...]:
    """The AMD devices that this process may use, as ``VISIBLE_AMD`` names them."""
    count = 0
    for properties in nodes.glob("*/properties"):
        with contextlib.suppress(OSError, ValueError):
            found = dict(line.split() for line in properties.read_text().splitlines())
            count += int(found.get("simd_count", 0)) > 0  # a node without is a processor
    return _allowed(VISIBLE_AMD, range(count))


def visible_devices(variable: str) -> tuple[str, ...] | None:
    """The devices that a variable tells this process to use; ``None`` if it says nothing."""
    named = os.environ.get(variable)
    if named is None:
        return None
    found = tuple(name.strip() for name in named.split(","))
    # What is behind a name that is none does not count, as NVIDIA has it.
    return found[: next((at for at, name in enumerate(found) if name in ("", "-1", "NoDevFiles")), len(found))]


def _allowed(variable: str, numbers: Iterable[int]) -> tuple[str, ...]:
    there = tuple(str(number) for number in numbers)
    named = visible_devices(variable)
    return there if named is None or not there else named
