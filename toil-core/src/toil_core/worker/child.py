"""What happens inside a forked process: one order, or one order after another."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from toil_core.model.wire import decode_order, encode_outcome
from toil_core.system.processes import become_subreaper, die_with_parent, end_leftovers
from toil_core.worker.abort_commands import abort
from toil_core.worker.attempt import run_attempt
from toil_core.worker.attempt_directory import AttemptDirectory, Kept, directory_of, directory_of_resident
from toil_core.worker.environment import Environment
from toil_core.worker.frames import LAST, OUTCOME, RUN, FrameReader, frame
from toil_core.worker.premises import Premises, draw_own_numbers
from toil_core.worker.settings import HostSettings
from toil_core.worker.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker process is given: the run, its files, the name of its packs, the file that its output goes
    to, the sheet for its outcome, and the process that it must not outlive. No living processes share one."""

    settings: HostSettings
    environment: Environment
    writer: str
    log: str
    sheet: Sheet
    host: int

    @property
    def resident_directory(self) -> Path:
        """Where a resident process works."""
        return directory_of_resident(self.settings.work_dir, self.writer)


def run_one(body: bytes, desk: Desk, data_size: int) -> None:
    """Run an order in this process, leave its outcome on the desk's sheet, and return.

    ``data_size`` is the private memory in bytes that the process began with: its job's comes on top.
    """
    _start_group(desk.host)
    become_subreaper()
    redirect(desk.log)
    draw_own_numbers()
    order = decode_order(body.decode())
    if order.resources.enforce_memory:
        limit_memory(order.resources.memory + data_size)
    settings = desk.settings
    directory = AttemptDirectory(directory_of(settings.work_dir, order.attempt))
    files = desk.environment.node_files(desk.writer)
    outcome = run_attempt(order, files, directory, desk.log, desk.environment.leader_of, settings.keep_logs)
    end_leftovers()
    desk.sheet.write(encode_outcome(outcome).encode())


def run_many(channel: socket.socket, desk: Desk) -> None:
    """Run the orders that come over ``channel``, one after another, until it is closed.

    If the host is killed, this process ends with its whole group, the tools that run included.
    """
    place = desk.resident_directory
    _start_group(desk.host, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: _end(place))
    become_subreaper()
    redirect(desk.log)
    settings = desk.settings
    files = desk.environment.node_files(desk.writer)
    directory = AttemptDirectory(place, Kept.EMPTY_DIRECTORIES)
    reader = FrameReader()
    while content := channel.recv(1 << 16):
        for kind, body in reader.feed(content):
            if kind != RUN:
                continue
            os.ftruncate(1, 0)
            order = decode_order(body.decode())
            outcome = run_attempt(order, files, directory, desk.log, desk.environment.leader_of, settings.keep_logs)
            end_leftovers()
            channel.sendall(frame(OUTCOME, encode_outcome(outcome).encode()))


def run_shared(channel: socket.socket, desk: Desk, data_size: int) -> None:
    """Run the orders that come over ``channel``, of authors' code that keeps nothing between calls, until it is
    closed or the process is not as it was before. ``data_size`` as for ``run_one``."""
    _start_group(desk.host)
    become_subreaper()
    redirect(desk.log)
    draw_own_numbers()
    settings = desk.settings
    files = desk.environment.node_files(desk.writer)
    premises = Premises(data_size)
    reader = FrameReader()
    while content := channel.recv(1 << 16):
        for _, body in reader.feed(content):
            os.ftruncate(1, 0)
            order = decode_order(body.decode())
            if order.resources.enforce_memory:
                limit_memory(order.resources.memory + data_size)
            directory = AttemptDirectory(directory_of(settings.work_dir, order.attempt))
            outcome = run_attempt(order, files, directory, desk.log, desk.environment.leader_of, settings.keep_logs)
            end_leftovers()
            stays = premises.restored()
            channel.sendall(frame(OUTCOME if stays else LAST, encode_outcome(outcome).encode()))
            if not stays:
                return


def _end(place: Path) -> None:
    abort(place)
    os.killpg(0, signal.SIGKILL)


def limit_memory(size: int) -> None:
    """Let this process, and each process it starts, have at most ``size`` bytes of private memory.

    RLIMIT_DATA counts private writable memory (getrlimit(2), since Linux 4.7): of each process, not
    of the tree, and not what is merely reserved. Elsewhere nothing is limited.
    """
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or size < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (size, hard))


def _start_group(host: int, at_host_death: signal.Signals = signal.SIGKILL) -> None:
    os.setsid()
    # Signals are as by default, but for the host's handler of SIGCHLD, which now does nothing. To reset that
    # one, too, would touch enough pages to cost each job of a millisecond a thirtieth.
    signal.set_wakeup_fd(-1)
    die_with_parent(host, at_host_death)


def redirect(path: str) -> None:
    """Have stdout and stderr of this process go to a new file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    write_by_lines()


def write_by_lines() -> None:
    """Have what this process, or one that is forked from it, prints be there to read if it is killed."""
    out = sys.stdout
    if isinstance(out, TextIOWrapper) and not out.closed and not out.line_buffering:
        out.reconfigure(line_buffering=True)
