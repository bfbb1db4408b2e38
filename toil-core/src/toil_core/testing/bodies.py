"""Job bodies that the kits run: what workers do when all is well, and when it is not."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping

from toil_core.api.job import JobContext
from toil_core.model.ids import JobId


def echo(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Return the payload."""
    return payload


def fail(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Raise the payload."""
    raise ValueError(payload)


def import_module(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Import the module that the payload names, and return its ``VALUE``."""
    value: str = importlib.import_module(payload).VALUE
    return value


def die(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """End the worker's process as the kernel would for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return payload


def hold(context: JobContext, payload: str, values: Mapping[JobId, str]) -> str:
    """Start a child, and one in a session of its own; write all three process ids to the named pipe
    that the payload is the path of; and never end."""
    child = subprocess.Popen(["sleep", "600"])
    stray = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with open(payload, "w") as told:
        json.dump([os.getpid(), child.pid, stray.pid], told)
    while True:
        signal.pause()
