"""Memory that a tool is given, and whether it needed more.

Only a container engine that limits a tool (``--strict-memory-limit``) knows that it ended it for its memory.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from toil_cwl.door.command import ENDING_SECONDS, Command

_MIB = 1024**2


def given_resources(memory: int) -> Callable[[Mapping[str, float], Any], Mapping[str, float]]:
    """What cwltool takes as the tool's resources: as the tool asks, but all of the ``memory`` in bytes that it
    has: a retry may have more than the tool asks for."""

    def select(request: Mapping[str, float], _: Any) -> Mapping[str, float]:
        found = {
            "cores": request["coresMin"],
            "ram": max(math.ceil(request["ramMin"]), memory // _MIB),
            "tmpdirSize": math.ceil(request["tmpdirMin"]),
            "outdirSize": math.ceil(request["outdirMin"]),
        }
        if "cudaDeviceCountMin" in request:
            found["cudaDeviceCount"] = request["cudaDeviceCountMin"]
        return found

    return select


def watch_memory(job: Any, command: Command) -> None:
    """Have the engine asked, if a container that it limits fails, whether it ended it for its memory."""
    create_runtime = job.create_runtime

    def kept_runtime(env: Any, context: Any) -> Any:
        words, id_file = create_runtime(env, context)
        names = [word.removeprefix("--name=") for word in words if word.startswith("--name=")]
        if not names or "--rm" not in words or not any(word.startswith("--memory=") for word in words):
            return words, id_file
        command.at_end(lambda status: _was_ended_for_memory(words[0], names[0], status))
        return [word for word in words if word != "--rm"], id_file  # one that is gone tells nothing

    job.create_runtime = kept_runtime


def _was_ended_for_memory(engine: str, name: str, status: int) -> bool:
    said = ""
    with suppress(OSError, subprocess.TimeoutExpired):
        if status != 0:
            said = _said([engine, "inspect", "--format={{.State.OOMKilled}}", name])
        _said([engine, "rm", "--force", name])
    return said.strip() == "true"


def _said(command: list[str]) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ENDING_SECONDS, check=False
    )
    return done.stdout
