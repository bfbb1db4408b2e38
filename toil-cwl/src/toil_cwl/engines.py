"""Whether containers can be run here: asked before anything runs, if something is sure to need one."""

from __future__ import annotations

import shutil
import subprocess

from toil_core.errors import UnsupportedFeature
from toil_cwl import door
from toil_cwl.options import CwlOptions

_CURES = {
    "docker": "Try: sudo systemctl start docker; or --podman, or --singularity",
    "podman": "See: podman info; or try --singularity",
    "singularity": "Install apptainer; or try --podman",
}
_TIMEOUT_SECONDS = 60.0


def refuse_without_engine(process: door.Process, options: CwlOptions) -> None:
    """Raise ``UnsupportedFeature`` if a tool that will run needs a container and the engine does not work."""
    if options.no_container or options.user_space_docker_cmd or not _needs_container(process, options):
        return
    program = "podman" if options.podman else "singularity" if options.singularity else "docker"
    if shutil.which(program) is None:
        raise UnsupportedFeature(f"Containers are needed, and there is no {program} here", _CURES[program])
    if program == "singularity":
        return  # a program that is there is all that it takes
    try:
        done = subprocess.run(
            [program, "version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnsupportedFeature(f"Containers are needed, and {program} does not answer", _CURES[program]) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = f": {said[-1].strip()}" if said else ""
        raise UnsupportedFeature(f"Containers are needed, and {program} cannot run any{reason}", _CURES[program])


def _needs_container(process: door.Process, options: CwlOptions) -> bool:
    if door.process_class(process) == "Workflow":
        unconditional = [step for step in door.steps(process) if "when" not in step.tool]
        return any(_needs_container(door.step_tool(step), options) for step in unconditional)
    if door.process_class(process) != "CommandLineTool":
        return False
    return bool(options.default_container) or door.requires_container(process)
