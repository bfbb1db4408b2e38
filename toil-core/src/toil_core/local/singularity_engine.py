"""The container engine ``singularity``, also under its other name, apptainer.

Source: apptainer.org/docs/user/latest/cli/apptainer_exec.html. It runs as the user, in the worker's own
process group, so that a container ends with the processes of its job.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from toil_core.api.container import ContainerEngine, ContainerRun, Invocation, Mount
from toil_core.errors import ToilError
from toil_core.local.engine_program import ask, one_at_a_time
from toil_core.system.hardware import VISIBLE_NVIDIA, visible_devices

_PROGRAMS = ("apptainer", "singularity")
_VARIABLE_PREFIXES = ("APPTAINERENV_", "SINGULARITYENV_")  # what each program hands to the container


class SingularityEngine(ContainerEngine):
    """Images are converted once, into ``APPTAINER_CACHEDIR`` or ``~/.cache/toil/images``.

    Limits of memory and cores are the batch system's to enforce: without root the engine has none.
    """

    def __init__(self, options: None = None) -> None:
        pass

    def check(self) -> None:
        """Ask the program for its version."""
        status, said = ask([_program(), "--version"])
        if status != 0:
            raise ToilError(f"{_program()} cannot run containers: {said}")

    def ensure_image(self, image: str) -> None:
        """Convert the image into a file, if that was not done before."""
        target = _file_of(image)
        if Path(target).exists():
            return
        if target == image:
            raise ToilError(f"There is no image {image}")
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with one_at_a_time(image):
            if Path(target).exists():
                return
            source = image if "://" in image else f"docker://{image}"
            status, said = ask([_program(), "pull", "--force", f"{target}.part", source], timeout_seconds=None)
            if status != 0:
                raise ToilError(f"The image {image} is not here and {_program()} cannot pull it: {said}")
            os.rename(f"{target}.part", target)

    def invocation(self, run: ContainerRun) -> Invocation:
        """``exec`` with nothing of this machine but what is mounted. Raises ``ToilError`` for a network
        by name, which needs root."""
        if run.network not in ("none", "host"):
            raise ToilError(f"singularity cannot join the network {run.network}", "Use the network host or none")
        words = [_program(), "--quiet", "exec", "--contain", "--ipc", "--pid", "--cleanenv", "--no-home"]
        words += ["--net", "--network=none"] if run.network == "none" and os.geteuid() == 0 else []
        words += [f"--bind={_bind(mount)}" for mount in run.mounts]
        words += [f"--pwd={run.work_dir}"] if run.work_dir else []
        words += ["--nv"] if run.accelerators else []
        words += [] if run.is_read_only else ["--writable-tmpfs"]
        inside = {**_devices(run.accelerators), **run.environment}
        values = {f"{prefix}{name}": value for name, value in inside.items() for prefix in _VARIABLE_PREFIXES}
        words += [_file_of(run.image), *([run.entrypoint] if run.entrypoint else [])]  # exec has no other entrypoint
        return Invocation([*words, *run.command], values)

    def kill(self, name: str) -> None:
        """Nothing: the container's processes are the job's, and end with them."""


def _program() -> str:
    for name in _PROGRAMS:
        if shutil.which(name):
            return name
    raise ToilError("There is neither apptainer nor singularity here", "See: https://apptainer.org/docs")


def _file_of(image: str) -> str:
    if image.startswith(("/", "./")) or image.endswith(".sif"):
        return image
    folder = os.environ.get("APPTAINER_CACHEDIR") or os.path.expanduser("~/.cache/toil/images")
    return f"{folder}/{hashlib.sha256(image.encode()).hexdigest()[:32]}.sif"


def _devices(count: int) -> Mapping[str, str]:
    """What a container, which sees all devices by their own names, is to be told of those that are its job's."""
    named = visible_devices(VISIBLE_NVIDIA)
    return {VISIBLE_NVIDIA: ",".join(named[:count])} if count and named is not None else {}


def _bind(mount: Mount) -> str:
    for path in (str(mount.source), mount.target):
        if ":" in path or "," in path:
            raise ToilError(f"singularity cannot mount {path}", "It takes no colon and no comma in a path")
    return f"{mount.source}:{mount.target}:{'rw' if mount.is_writable else 'ro'}"
