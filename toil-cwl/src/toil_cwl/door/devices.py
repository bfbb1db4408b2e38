"""Devices of containers, as podman is told of them."""

from __future__ import annotations

from typing import Any

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
