"""The accelerators of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from toil.accelerators import AcceleratorRequirement, parse_accelerator
from toil_core.system.hardware import nvidia_devices

_ASK_SECONDS = 60.0


def have_working_nvidia_smi() -> bool:
    """Whether the program ``nvidia-smi`` is here and finds its devices."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        return subprocess.run([program], capture_output=True, timeout=_ASK_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def count_nvidia_gpus() -> int:
    """How many NVIDIA devices this machine has."""
    return nvidia_devices()


def get_host_accelerator_numbers() -> list[int]:
    """The devices that this process may use, by their numbers: those that its environment names, else all."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return list(range(nvidia_devices()))
    return [int(number) for number in visible.split(",") if number.strip().isdigit()]


def get_individual_local_accelerators() -> list[AcceleratorRequirement]:
    """Each device of this machine that this process may use."""
    return [
        parse_accelerator({"kind": "gpu", "brand": "nvidia", "api": "cuda"}) for _ in get_host_accelerator_numbers()
    ]


def get_restrictive_environment_for_local_accelerators(
    accelerator_numbers: set[int] | Sequence[int],
) -> Mapping[str, str]:
    """Variables with which a program sees only those devices."""
    numbers = ",".join(str(number) for number in sorted(accelerator_numbers))
    return dict.fromkeys(("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"), numbers)
