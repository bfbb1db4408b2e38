"""Bodies that misbehave, for workers to survive."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys

MIB = 1024**2
LOADED_BY = os.getpid()
PREPARED: list[str] = []


def prepare(payload):
    """Called before the first job of each body."""
    print("preparing")
    PREPARED.append(payload)
    if payload == "badly":
        sys.exit("this host should not listen")


def origin(context, payload, values):
    """Who loaded this module, what has been prepared in that process, and whose child this is."""
    return json.dumps([LOADED_BY, PREPARED, os.getppid()])


def other_origin(context, payload, values):
    """The same, of another body."""
    return origin(context, payload, values)


def say(context, payload, values):
    """To stdout, stderr, and by a process, in order."""
    print("one")
    print("two", file=sys.stderr)
    subprocess.run(["sh", "-c", "echo three; echo four >&2"], check=True)
    print("five")
    raise ValueError("now you know")


def variable(context, payload, values):
    """The value of a variable, empty for none."""
    return os.environ.get(payload, "")


def allocate(context, payload, values):
    """So many MiB, in this process or in a tool."""
    kind, size = payload.split()
    if kind == "here":
        content = bytearray(int(size) * MIB)
        return str(len(content))
    code = f"content = bytearray({size} * {MIB})"
    return subprocess.run([sys.executable, "-c", code], check=True).args[0]


def big(context, payload, values):
    return "x" * int(payload)


def crash(context, payload, values):
    """As a broken library does."""
    ctypes.string_at(0)


def leave(context, payload, values):
    """End the process by itself."""
    if payload == "exit":
        sys.exit(3)
    os._exit(4)


def close_output(context, payload, values):
    os.close(1)
    os.close(2)
    return "quiet"


def strays(context, payload, values):
    """Leave processes behind: one in our group, one in a session of its own, one that was orphaned."""
    ours = subprocess.Popen(["sleep", "600"])
    session = subprocess.Popen(["sleep", "600"], start_new_session=True)
    told = subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True)
    return json.dumps([ours.pid, session.pid, int(told.stdout)])


def wait(context, payload, values):
    while True:
        signal.pause()


def who(context, payload, values):
    return str(os.getpid())


def litter(context, payload, values):
    """What is in the directory of this attempt; then leave something there."""
    there = sorted(str(path.relative_to(context.work_dir)) for path in context.work_dir.rglob("*") if path.is_file())
    (context.work_dir / "out").mkdir(exist_ok=True)
    (context.work_dir / "out" / "secret").write_text("of another job")
    (context.work_dir / "top").write_text("of another job")
    return json.dumps(there)


def abort_later(context, payload, values):
    """Write down what is to be run if this ends badly, and end as the payload says."""
    how, marker = payload.split()
    context.on_abort(["touch", marker])
    if how == "badly":
        os.kill(os.getpid(), signal.SIGKILL)
    return how
