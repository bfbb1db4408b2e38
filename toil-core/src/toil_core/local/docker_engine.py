"""The container engines ``docker`` and ``podman``, which take the same arguments.

Sources: docs.docker.com/reference/cli/docker/container/run, docs.podman.io/en/latest/markdown/podman-run.1.html
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence

from toil_core.api.container import ContainerEngine, ContainerRun, Invocation, Mount
from toil_core.errors import ToilError
from toil_core.local.engine_program import ask, one_at_a_time
from toil_core.system.hardware import VISIBLE_NVIDIA, visible_devices

# What the engines' own programs read and would act upon: where they are, what they load, whom they ask. None
# of these is a secret, so that their values may be on the command line.
_READ_BY_ENGINES = frozenset(
    {
        "CONTAINERS_CONF",
        "CONTAINERS_REGISTRIES_CONF",
        "CONTAINERS_STORAGE_CONF",
        "CONTAINER_HOST",
        "DOCKER_CONFIG",
        "DOCKER_CONTEXT",
        "DOCKER_HOST",
        "HOME",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PATH",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    }
)


class DockerEngine(ContainerEngine):
    """Containers by docker's daemon."""

    program = "docker"
    install = "apt-get install docker.io"

    def __init__(self, options: None = None) -> None:
        pass

    def check(self) -> None:
        """Ask the engine for its version."""
        try:
            status, said = ask([self.program, "version", "--format", "{{.Client.Version}}"])
        except ToilError as error:
            raise ToilError(error.message, f"Try: {self.install}") from error
        if status != 0:
            raise ToilError(f"{self.program} cannot run containers: {said}", self._cure(said))

    def ensure_image(self, image: str) -> None:
        """Pull the image if the engine does not have it."""
        if self._has(image):
            return
        with one_at_a_time(image):
            if self._has(image):
                return
            status, said = ask([self.program, "pull", "--quiet", image], timeout_seconds=None)
        if status != 0:
            raise ToilError(f"The image {image} is not here and {self.program} cannot pull it: {said}")

    def invocation(self, run: ContainerRun) -> Invocation:
        """``run --rm``; variables are named on the command line, and their values are in the environment,
        but for those that the engine itself would read there, as ``PATH``: they are given as they are."""
        words = [self.program, "run", "--rm", "--interactive", f"--name={run.name}"]
        words += [f"--network={run.network}", *(f"--mount={_mount(mount)}" for mount in run.mounts)]
        named = {name: value for name, value in run.environment.items() if name not in _READ_BY_ENGINES}
        words += [
            f"--env={name}" if name in named else f"--env={name}={run.environment[name]}" for name in run.environment
        ]
        words += self._user(run.user) if run.user else []
        if run.work_dir:
            words.append(f"--workdir={run.work_dir}")
        if run.memory is not None:
            words += [f"--memory={run.memory}b", f"--memory-swap={run.memory}b"]
        if run.cores is not None:
            words.append(f"--cpus={run.cores:g}")
        if run.accelerators:
            words += self._accelerators(run.accelerators)
        if run.is_read_only:
            words.append("--read-only")
        if run.entrypoint is not None:
            words.append(f"--entrypoint={run.entrypoint}")
        return Invocation([*words, run.image, *run.command], named)

    def kill(self, name: str) -> None:
        """End the container, and remove it should the engine not have done so."""
        ask([self.program, "kill", name])  # at once, where removing would ask the command first
        ask([self.program, "rm", "--force", name])

    def is_running(self, name: str) -> bool | None:
        """Ask the engine for the container's state."""
        status, said = ask([self.program, "container", "inspect", "--format", "{{.State.Running}}", name])
        if status == 0:
            return said == "true"
        if "no such" in said.lower() or "no container" in said.lower():
            return None
        raise ToilError(f"{self.program} cannot tell of the container {name}: {said}", self._cure(said))

    def _has(self, image: str) -> bool:
        return ask([self.program, "image", "inspect", "--format", "{{.Id}}", image])[0] == 0

    def _cure(self, said: str) -> str:
        if "permission denied" in said.lower():
            return "Try: sudo usermod -aG docker $USER, and log in again"
        return "Try: sudo systemctl start docker"

    def _user(self, user: str) -> Sequence[str]:
        return [f"--user={user}"]

    def _accelerators(self, count: int) -> Sequence[str]:
        named = visible_devices(VISIBLE_NVIDIA)
        # Quotes for docker, which splits the value at commas.
        return [f"--gpus={count}" if named is None else f'--gpus="device={",".join(named[:count])}"']


class PodmanEngine(DockerEngine):
    """Containers by podman, which has no daemon."""

    program = "podman"
    install = "apt-get install podman"

    def _cure(self, said: str) -> str:
        return "See: podman info"

    def _user(self, user: str) -> Sequence[str]:
        # Without root, only a mapping keeps the user's own files his.
        return [f"--user={user}", *(["--userns=keep-id"] if os.geteuid() else [])]

    def _accelerators(self, count: int) -> Sequence[str]:
        # github.com/cncf-tags/container-device-interface: devices are named one by one.
        named = visible_devices(VISIBLE_NVIDIA)
        names = [str(number) for number in range(count)] if named is None else named[:count]
        return [f"--device=nvidia.com/gpu={name}" for name in names]


def _mount(mount: Mount) -> str:
    fields = ["type=bind", f"source={mount.source}", f"target={mount.target}"]
    if not mount.is_writable:
        fields.append("readonly")
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)  # a comma in a path must be quoted as CSV does
    return text.getvalue()
