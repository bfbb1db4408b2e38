"""Devices that tools ask for: what there is of them, and how container engines are told which are the tool's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cwltool.cuda import cuda_version_and_device_count

from toil_core.system.hardware import VISIBLE_AMD, VISIBLE_NVIDIA, visible_devices
from toil_cwl.door.documents import Process, requirement
from toil_cwl.options import CwlOptions

CUDA = "http://commonwl.org/cwltool#CUDARequirement"

_DOCKER_FLAG = "--gpus="


def name_devices(job: Any, options: CwlOptions) -> None:
    """Have a container get the devices that its job was given, where cwltool counts them only.

    docker wants them in quotes, for it splits values at commas; podman one by one, as the Container Device
    Interface names them; and in a container of singularity all are to be seen, so that a variable names them.
    """
    create_runtime = job.create_runtime

    def runtime_with_devices(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        named = visible_devices(VISIBLE_NVIDIA)
        if options.singularity and "--nv" in words and named is not None:
            env.update({f"{prefix}ENV_{VISIBLE_NVIDIA}": ",".join(named) for prefix in ("SINGULARITY", "APPTAINER")})
        found: list[str] = []
        for word in words:
            if not word.startswith(_DOCKER_FLAG):
                found.append(word)
                continue
            count = int(word.removeprefix(_DOCKER_FLAG))
            if options.podman:
                names = [str(number) for number in range(count)] if named is None else named[:count]
                found += [f"--device=nvidia.com/gpu={name}" for name in names]
            else:
                found.append(word if named is None else f'{_DOCKER_FLAG}"device={",".join(named[:count])}"')
        return found, id_file

    job.create_runtime = runtime_with_devices


def named_devices() -> Mapping[str, str]:
    """The variables that tell this process, and should tell its tool, which devices are the job's."""
    found = {variable: visible_devices(variable) for variable in (VISIBLE_NVIDIA, VISIBLE_AMD)}
    return {variable: ",".join(names) for variable, names in found.items() if names is not None}


def lack_of_devices(process: Process) -> str:
    """Why a tool's wish for devices cannot be met here: cwltool says only that it cannot."""
    asked = requirement(process, CUDA) or {}
    version, count = cuda_version_and_device_count()
    there = f"there are {count} with CUDA {version}" if version else "nvidia-smi tells of none"
    return f"the tool asks for devices with CUDA {asked.get('cudaVersionMin')} (CUDARequirement), and here {there}"
