"""What happens inside a forked process: one order, or one order after another."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from pathlib import Path

from toil_core.model.order import WorkOrder
from toil_core.model.wire import decode_order, encode_outcome
from toil_core.system.processes import become_subreaper, die_with_parent, end_leftovers
from toil_core.worker.attempt import run_attempt
from toil_core.worker.environment import node_files
from toil_core.worker.frames import OUTCOME, RUN, FrameReader, frame
from toil_core.worker.settings import HostSettings


def run_one(order: WorkOrder, pipe: int, settings: HostSettings, writer: str) -> None:
    """Run an order in this process, write its outcome to ``pipe``, and return."""
    log = _enter(settings, order)
    if order.resources.enforce_memory:
        limit_memory(order.resources.memory)
    become_subreaper()
    outcome = run_attempt(order, node_files(settings, writer), settings.work_dir, log, settings.keep_logs)
    end_leftovers()
    log.unlink(missing_ok=True)
    content = memoryview(frame(OUTCOME, encode_outcome(outcome).encode()))
    while content:
        content = content[os.write(pipe, content) :]


def run_many(channel: socket.socket, settings: HostSettings, writer: str) -> None:
    """Run the orders that come over ``channel``, one after another, until it is closed."""
    become_subreaper()
    files = node_files(settings, writer)
    reader = FrameReader()
    _start_group()
    while content := channel.recv(1 << 20):
        for kind, body in reader.feed(content):
            if kind != RUN:
                continue
            order = decode_order(body.decode())
            log = _redirect(settings, order)
            outcome = run_attempt(order, files, settings.work_dir, log, settings.keep_logs)
            end_leftovers()
            log.unlink(missing_ok=True)
            channel.sendall(frame(OUTCOME, encode_outcome(outcome).encode()))


def limit_memory(size: int) -> None:
    """Let this process, and each process it starts, allocate at most ``size`` bytes more than now.

    RLIMIT_DATA counts private writable memory (getrlimit(2), since Linux 4.7), not the tree's sum
    and not what is merely reserved; elsewhere nothing is limited.
    """
    if sys.platform != "linux":
        return
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    wanted = size + pages * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def _enter(settings: HostSettings, order: WorkOrder) -> Path:
    _start_group()
    return _redirect(settings, order)


def _start_group() -> None:
    os.setsid()
    die_with_parent()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _redirect(settings: HostSettings, order: WorkOrder) -> Path:
    path = settings.work_dir / f"{order.attempt}.log"
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    return path
