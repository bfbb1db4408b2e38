"""The worker host: a process beside the leader that forks a process for each job.

It waits for orders, for outcomes and for children's ends, and for nothing else; there is no polling.
When the leader's socket closes it ends everything it started, and itself.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import json
import os
import selectors
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from toil_core.api.batch_system import Ended
from toil_core.model.description import Isolation
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.units import format_seconds
from toil_core.model.wire import decode_order, encode
from toil_core.system.processes import become_subreaper, end_group, end_leftovers
from toil_core.worker import child
from toil_core.worker.abort_commands import abort, abort_all
from toil_core.worker.attempt_directory import directory_of, directory_of_resident
from toil_core.worker.environment import Environment
from toil_core.worker.frames import CANCEL, ENDED, RUN, STARTED, FrameReader, frame
from toil_core.worker.settings import HostSettings


@dataclass(slots=True)
class _Worker:
    """A forked process: ``slot`` names its packs, ``order`` what it works on now."""

    pid: int
    slot: int
    channel: int | socket.socket
    is_resident: bool
    reader: FrameReader = field(default_factory=FrameReader)
    order: WorkOrder | None = None
    kind: FailureKind | None = None  # why we ended it, if we did
    deadline: float = 0.0
    is_closed: bool = False


class Host:
    """The host process. Single-threaded."""

    def __init__(self, leader: socket.socket, settings: HostSettings) -> None:
        self._leader = leader
        self._settings = settings
        self._environment = Environment(settings)
        self._name = uuid.uuid4().hex[:12]
        self._pid = os.getpid()
        self._selector = selectors.DefaultSelector()
        self._reader = FrameReader()
        self._workers: dict[int, _Worker] = {}
        self._idle: list[_Worker] = []
        self._by_attempt: dict[AttemptId, _Worker] = {}
        self._slots: list[int] = []
        self._slot_count = 0
        self._deadlines: list[tuple[float, AttemptId]] = []
        self._woken: socket.socket | None = None
        self._out = bytearray()
        self._is_open = True

    def serve(self) -> None:
        """Work until the leader's socket closes; then end everything."""
        become_subreaper()
        wake = self._watch_children()
        self._selector.register(self._leader, selectors.EVENT_READ, self._from_leader)
        self._selector.register(wake, selectors.EVENT_READ, lambda: self._reap(wake))
        gc.collect()
        gc.freeze()
        while self._is_open:
            self._flush()
            for key, _ in self._selector.select(self._patience()):
                act: Callable[[], None] = key.data
                act()
            self._end_late()
        for worker in self._workers.values():
            end_group(worker.pid)
        abort_all(self._settings.work_dir)
        end_leftovers()

    # From the leader

    def _from_leader(self) -> None:
        content = self._leader.recv(1 << 20)
        if not content:
            self._is_open = False
            return
        for kind, body in self._reader.feed(content):
            if kind == RUN:
                self._run(body)
            elif kind == CANCEL:
                worker = self._by_attempt.get(AttemptId(body.decode()))
                if worker is not None:
                    self._end(worker, FailureKind.CANCELLED)

    def _run(self, body: bytes) -> None:
        order = decode_order(body.decode())
        resident = order.job.isolation is Isolation.RESIDENT
        worker = self._resident() if resident else self._fork(order)
        worker.order = order
        self._by_attempt[order.attempt] = worker
        if order.resources.time_limit_seconds:
            worker.deadline = time.monotonic() + order.resources.time_limit_seconds
            heapq.heappush(self._deadlines, (worker.deadline, order.attempt))
        self._send(frame(STARTED, f"{order.attempt} {worker.pid}".encode()))
        if isinstance(worker.channel, socket.socket):
            try:
                worker.channel.sendall(frame(RUN, body))
            except OSError:  # it has just died; its end is reported when it is reaped
                return

    # Workers

    def _fork(self, order: WorkOrder) -> _Worker:
        slot = self._slot()
        source, target = os.pipe()
        pid = os.fork()
        if pid == 0:
            desk = self._desk(slot)
            self._in_child(lambda: child.run_one(order, target, desk), keep={target})
        os.close(target)
        os.set_blocking(source, False)
        return self._watch(_Worker(pid, slot, source, False))

    def _resident(self) -> _Worker:
        if self._idle:
            return self._idle.pop()
        slot = self._slot()
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            desk = self._desk(slot)
            ours.close()
            self._in_child(lambda: child.run_many(theirs, desk), keep={theirs.fileno()})
        theirs.close()
        return self._watch(_Worker(pid, slot, ours, True))

    def _desk(self, slot: int) -> child.Desk:
        return child.Desk(
            self._settings, self._environment, self._writer(slot), self._log(slot), child.data_size(), self._pid
        )

    def _in_child(self, work: Callable[[], None], keep: set[int]) -> None:
        status = 1
        try:
            for key in list(self._selector.get_map().values()):
                if key.fd not in keep:
                    os.close(key.fd)
            self._selector.close()
            work()
            status = 0
        finally:
            os._exit(status)

    def _watch(self, worker: _Worker) -> _Worker:
        self._workers[worker.pid] = worker
        self._selector.register(worker.channel, selectors.EVENT_READ, lambda: self._from_worker(worker))
        return worker

    def _from_worker(self, worker: _Worker) -> None:
        if worker.is_closed:  # its end came in the same round
            return
        channel = worker.channel
        try:
            content = channel.recv(1 << 20) if isinstance(channel, socket.socket) else os.read(channel, 1 << 20)
        except (BlockingIOError, ConnectionResetError):
            content = b""
        if not content:
            self._close(worker)
            return
        for _, body in worker.reader.feed(content):
            order = worker.order
            if order is None:
                continue
            self._forget(worker)
            if worker.is_resident and worker.kind is None:
                self._idle.append(worker)
            self._send(frame(ENDED, b'{"attempt":"%s","outcome":%s}' % (order.attempt.encode(), body)))

    def _reap(self, wake: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            wake.recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            worker = self._workers.pop(pid, None)
            if worker is not None:
                self._gone(worker, os.waitstatus_to_exitcode(status))

    def _gone(self, worker: _Worker, status: int) -> None:
        end_group(worker.pid)
        if status != 0:
            self._clear_up(worker)
        while not worker.is_closed:
            self._from_worker(worker)  # what it had written before it died
        if worker in self._idle:
            self._idle.remove(worker)
        self._slots.append(worker.slot)
        order = worker.order
        if order is None:
            return
        self._forget(worker)
        kind = worker.kind or FailureKind.LOST
        ended = Ended(order.attempt, None, kind, _detail(kind, status, order), status)
        self._send(frame(ENDED, json.dumps(encode(ended)).encode()))

    def _clear_up(self, worker: _Worker) -> None:
        """End what a worker that was killed could not."""
        if worker.is_resident:
            abort(directory_of_resident(self._settings.work_dir, self._writer(worker.slot)))
        elif worker.order is not None:
            abort(directory_of(self._settings.work_dir, worker.order.attempt))
        end_leftovers(spared=self._workers)  # what it had in other groups has come to us

    def _forget(self, worker: _Worker) -> None:
        if worker.order is not None:
            self._by_attempt.pop(worker.order.attempt, None)
        worker.order = None
        worker.deadline = 0.0

    def _close(self, worker: _Worker) -> None:
        worker.is_closed = True
        self._selector.unregister(worker.channel)
        if isinstance(worker.channel, socket.socket):
            worker.channel.close()
        else:
            os.close(worker.channel)

    def _end(self, worker: _Worker, kind: FailureKind) -> None:
        worker.kind = kind
        end_group(worker.pid)

    # Time

    def _patience(self) -> float | None:
        while self._deadlines:
            deadline, attempt = self._deadlines[0]
            if attempt in self._by_attempt:
                return max(0.0, deadline - time.monotonic())
            heapq.heappop(self._deadlines)
        return None

    def _end_late(self) -> None:
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, attempt = heapq.heappop(self._deadlines)
            worker = self._by_attempt.get(attempt)
            if worker is not None:
                self._end(worker, FailureKind.TIME)

    # Bookkeeping

    def _slot(self) -> int:
        if self._slots:
            return self._slots.pop()
        self._slot_count += 1
        return self._slot_count

    def _writer(self, slot: int) -> str:
        return f"{self._name}-{slot}"

    def _log(self, slot: int) -> Path:
        return self._settings.work_dir / f"{self._writer(slot)}.log"

    def _send(self, content: bytes) -> None:
        """Have something sent at the end of this round: one call for all that happened in it."""
        self._out += content

    def _flush(self) -> None:
        if self._out:
            try:
                self._leader.sendall(self._out)
            except OSError:  # the leader is gone
                self._is_open = False
            self._out.clear()

    def _watch_children(self) -> socket.socket:
        wake, woken = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        self._woken = woken
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return wake


def _detail(kind: FailureKind, status: int, order: WorkOrder) -> str:
    if kind is FailureKind.TIME:
        return f"it ran longer than its limit of {format_seconds(order.resources.time_limit_seconds)}"
    if kind is FailureKind.CANCELLED:
        return "it was cancelled"
    if status < 0:
        return f"its process was killed by signal {-status}"
    return f"its process ended with status {status} and no result"


def main() -> None:
    """Serve a leader that started a fresh interpreter: arguments are socket, locator, directory, run, logs."""
    descriptor, locator, work_dir, run, keep_logs = sys.argv[1:6]
    leader = socket.socket(fileno=int(descriptor))
    enter(leader, HostSettings(locator, Path(work_dir), run, keep_logs == "1"))


def enter(leader: socket.socket, settings: HostSettings) -> None:
    """Be the host process until the leader goes.

    That is seen by the socket's end, not by a signal: the host must live on to end what it started.
    """
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    Host(leader, settings).serve()


if __name__ == "__main__":
    main()
