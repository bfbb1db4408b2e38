"""Whether containers can be run here: asked before anything runs, of those that are sure to be needed."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toil_core.errors import UnsupportedFeature, UsageError
from toil_cwl import door
from toil_cwl.options import CwlOptions

_log = logging.getLogger("toil.cwl")

_CURES = {
    "docker": "Try: sudo systemctl start docker; or --podman, or --singularity",
    "podman": "See: podman info; or try --singularity",
    "singularity": "Install apptainer; or try --podman",
}
_MADE_HERE = ("dockerLoad", "dockerFile", "dockerImport")
_TIMEOUT_SECONDS = 60.0


def with_container_settings(options: CwlOptions) -> CwlOptions:
    """The options with absolute paths. Raises ``UsageError`` if ids of containers cannot be kept there."""
    folder = options.cidfile_dir
    if folder is None:
        return options
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder} for --cidfile-dir", f"Try: mkdir {folder}")
    return replace(options, cidfile_dir=folder.absolute())


def refuse_without_engine(process: door.Process, options: CwlOptions) -> None:
    """Raise ``UnsupportedFeature`` if a tool that will run needs a container and the engine does not work,
    or has not got its image and cannot get it. Images that are not there are got."""
    if options.no_container or options.user_space_docker_cmd:
        return
    containers = list(_containers(process, options))
    if not containers:
        return
    program = "podman" if options.podman else "singularity" if options.singularity else "docker"
    is_hint = not any(container["is_required"] for container in containers)
    cure = _CURES[program] + (", or --no-container" if is_hint else "")
    if shutil.which(program) is None:
        raise UnsupportedFeature(f"Containers are needed, and there is no {program} here", cure)
    if program == "singularity":
        return  # a program that is there is all that it takes
    images = {name: container for container in containers if (name := _image(container)) is not None}
    if images and _ask(program, ["image", "inspect", *images], cure)[0] == 0:
        return
    status, said = _ask(program, ["version"], cure)
    if status != 0:
        raise UnsupportedFeature(f"Containers are needed, and {program} cannot run any{said}", cure)
    for name, container in images.items():
        if _ask(program, ["image", "inspect", name], cure)[0] != 0:
            _pull(program, name, container, options)


def _containers(process: door.Process, options: CwlOptions) -> Iterator[Mapping[str, Any]]:
    """The DockerRequirement of every tool that is sure to run, with ``is_required``: that it is no mere hint."""
    if door.process_class(process) == "Workflow":
        for step in door.steps(process):
            if "when" not in step.tool:
                yield from _containers(door.step_tool(step), options)
    elif door.process_class(process) == "CommandLineTool":
        found = door.requirement(process, "DockerRequirement")
        if found is not None:
            yield {**found, "is_required": door.requires_container(process)}
        elif options.default_container:
            yield {"dockerPull": options.default_container, "is_required": False}


def _image(container: Mapping[str, Any]) -> str | None:
    """The image that is to be there before; ``None`` for one that the job makes."""
    if any(field in container for field in _MADE_HERE):
        return None
    name = container.get("dockerImageId") or container.get("dockerPull")
    return None if name is None else str(name)


def _pull(program: str, name: str, container: Mapping[str, Any], options: CwlOptions) -> None:
    where = container.get("dockerPull")
    missing = f"Containers are needed, and {program} has no image {name}"
    if where is None:
        raise UnsupportedFeature(missing, f"Make it, or name one to pull by dockerPull. See: {program} images")
    if options.disable_pull:
        raise UnsupportedFeature(missing, f"Try without --disable-pull, or: {program} pull {where}")
    _log.info("Pulling the image %s", where)
    status, said = _ask(program, ["pull", "--quiet", str(where)], "", timeout_seconds=None)
    if status != 0:
        raise UnsupportedFeature(f"{missing} and cannot get it{said}", f"Try: {program} pull {where}")


def _ask(
    program: str, words: Sequence[str], cure: str, timeout_seconds: float | None = _TIMEOUT_SECONDS
) -> tuple[int, str]:
    """The engine's exit status, and the last line that it said behind a colon."""
    try:
        done = subprocess.run(
            [program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnsupportedFeature(f"Containers are needed, and {program} does not answer", cure) from error
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return done.returncode, f": {said[-1].strip()}" if said else ""
