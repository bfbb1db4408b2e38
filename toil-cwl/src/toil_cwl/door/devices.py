"""Devices that tools ask for: what there is of them, and how podman is told of them."""

from __future__ import annotations

from typing import Any

from cwltool.cuda import cuda_version_and_device_count

from toil_cwl.door.documents import Process, requirement

CUDA = "http://commonwl.org/cwltool#CUDARequirement"

_DOCKER_FLAG = "--gpus="


def name_devices(job: Any) -> None:
    """Have a podman job name its devices, as the Container Device Interface does: ``--gpus`` is docker's."""
    create_runtime = job.create_runtime

    def runtime_with_devices(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        found: list[str] = []
        for word in words:
            is_count = word.startswith(_DOCKER_FLAG)
            count = int(word.removeprefix(_DOCKER_FLAG)) if is_count else 0
            found += [f"--device=nvidia.com/gpu={number}" for number in range(count)] if is_count else [word]
        return found, id_file

    job.create_runtime = runtime_with_devices


def lack_of_devices(process: Process) -> str:
    """Why a tool's wish for devices cannot be met here: cwltool says only that it cannot."""
    asked = requirement(process, CUDA) or {}
    version, count = cuda_version_and_device_count()
    there = f"there are {count} with CUDA {version}" if version else "nvidia-smi tells of none"
    return f"the tool asks for devices with CUDA {asked.get('cudaVersionMin')} (CUDARequirement), and here {there}"
