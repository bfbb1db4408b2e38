"""The accelerators of this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from toil.accelerators import AcceleratorRequirement, parse_accelerator
from toil_core.system.hardware import VISIBLE_AMD, VISIBLE_NVIDIA, amd_devices, nvidia_devices

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
    """How many NVIDIA devices of this machine this process may use."""
    return len(nvidia_devices())


def count_amd_gpus() -> int:
    """How many AMD devices of this machine this process may use."""
    return len(amd_devices())


def get_host_accelerator_numbers() -> list[int]:
    """The devices that this process may use, by their numbers; a device that is named otherwise by its place."""
    names = [*nvidia_devices(), *amd_devices()]
    return [int(name) if name.isdigit() else place for place, name in enumerate(names)]


def get_individual_local_accelerators() -> list[AcceleratorRequirement]:
    """Each device of this machine that this process may use."""
    kinds = [{"brand": "nvidia", "api": "cuda"}] * count_nvidia_gpus() + [
        {"brand": "amd", "api": "rocm"}
    ] * count_amd_gpus()
    return [parse_accelerator(kind) for kind in kinds]


def get_restrictive_environment_for_local_accelerators(
    accelerator_numbers: set[int] | Sequence[int],
) -> Mapping[str, str]:
    """Variables with which a program sees only those devices."""
    numbers = ",".join(str(number) for number in sorted(accelerator_numbers))
    return dict.fromkeys((VISIBLE_NVIDIA, "NVIDIA_VISIBLE_DEVICES", VISIBLE_AMD), numbers)
