"""Calling a container engine's own program for the small things around a run."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from toil_core.errors import ToilError

_TIMEOUT_SECONDS = 60.0


def ask(command: Sequence[str], timeout_seconds: float | None = _TIMEOUT_SECONDS) -> tuple[int, str]:
    """Run a command; its exit status, and the last line it wrote to stderr, or to stdout if there is none.

    Raises ``ToilError`` if the program is not there or does not answer in time.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_seconds, check=False
        )
    except FileNotFoundError as error:
        raise ToilError(f"There is no program {command[0]} here") from error
    except subprocess.TimeoutExpired as error:
        raise ToilError(f"{command[0]} gave no answer within {timeout_seconds:.0f} s") from error
    said = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace")
    return done.returncode, said.splitlines()[-1].strip() if said else ""


@contextlib.contextmanager
def one_at_a_time(image: str) -> Iterator[None]:
    """Hold the lock of this machine and user for getting an image; the kernel frees it whoever dies."""
    folder = Path(tempfile.gettempdir()) / f"toil-images-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / hashlib.sha256(image.encode()).hexdigest()[:16]
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
