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
import pickle
import selectors
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from toil_core.api.batch_system import Ended
from toil_core.model.ids import AttemptId
from toil_core.model.outcome import FailureKind
from toil_core.model.units import format_seconds
from toil_core.model.wire import encode
from toil_core.system.processes import become_subreaper, end_group, end_leftovers
from toil_core.worker import child
from toil_core.worker.abort_commands import abort, abort_all
from toil_core.worker.attempt_directory import directory_of
from toil_core.worker.environment import Environment
from toil_core.worker.frames import (
    CANCEL,
    ENDED,
    GIVE,
    LAST,
    RUN,
    SHARE,
    STARTED,
    FrameReader,
    frame,
    read_order_head,
)
from toil_core.worker.premises import data_size
from toil_core.worker.preparation import Preparation
from toil_core.worker.rehearsal import rehearse
from toil_core.worker.settings import HostSettings
from toil_core.worker.sheet import Sheet

_ROOM_SECONDS = 15.0
"""How long an order waits where there are all the processes that may be, or too little memory for one more."""

_ROOM_AGAIN_SECONDS = 0.2
_CANCELLED = "it was cancelled"
_LONGEST_PATIENCE = 24 * 60 * 60.0  # epoll_wait(2) takes milliseconds as an int, of 24 days at most


@dataclass(slots=True)
class _Worker:
    """A forked process at a desk, and the attempt it works on now. A resident one has a channel; the end of any
    other is that of its attempt."""

    pid: int
    desk: child.Desk
    channel: socket.socket | None = None
    idle: list[_Worker] | None = None  # where it waits for its next order
    reader: FrameReader = field(default_factory=FrameReader)
    attempt: AttemptId | None = None
    limit_seconds: float = 0.0
    kind: FailureKind | None = None  # why we ended it, if we did
    deadline: float = 0.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An order that no process could be started for yet."""

    attempt: AttemptId
    kind: bytes
    body: bytes
    until: float


class Host:
    """The host process. Single-threaded."""

    def __init__(self, leader: socket.socket, settings: HostSettings, preparation: Preparation | None = None) -> None:
        self._leader = leader
        self._preparation = preparation
        self._settings = settings
        self._environment = Environment(settings)
        self._name = uuid.uuid4().hex[:12]
        self._pid = os.getpid()
        self._selector = selectors.DefaultSelector()
        self._reader = FrameReader()
        self._workers: dict[int, _Worker] = {}
        self._idle: dict[bytes, list[_Worker]] = {GIVE: [], SHARE: []}
        self._by_attempt: dict[AttemptId, _Worker] = {}
        self._waiting: dict[AttemptId, _Waiting] = {}
        self._desks: list[child.Desk] = []
        self._desk_count = 0
        self._deadlines: list[tuple[float, AttemptId]] = []
        self._private: set[int] = {leader.fileno()}
        self._out = bytearray()
        self._is_open = True

    def serve(self) -> None:
        """Work until the leader's socket closes; then end everything."""
        become_subreaper()
        wake = self._watch_children()
        self._selector.register(self._leader, selectors.EVENT_READ, self._from_leader)
        self._selector.register(wake, selectors.EVENT_READ, lambda: self._reap(wake))
        if isinstance(self._selector, selectors.EpollSelector):
            self._private.add(self._selector.fileno())
        rehearse(self._environment.node_files(self._name), self._settings.work_dir)
        gc.collect()
        gc.freeze()
        while self._is_open:
            self._flush()
            for key, _ in self._selector.select(self._patience()):
                act: Callable[[], None] = key.data
                act()
            self._end_late()
            self._start_waiting()
        for worker in self._workers.values():
            end_group(worker.pid)
        abort_all(self._settings.work_dir)
        end_leftovers()

    # From the leader

    def _from_leader(self) -> None:
        content = self._leader.recv(1 << 16)
        if not content:
            self._is_open = False
            return
        for kind, body in self._reader.feed(content):
            if kind == CANCEL:
                attempt = AttemptId(body.decode())
                worker = self._by_attempt.get(attempt)
                if worker is not None:
                    self._end(worker, FailureKind.CANCELLED)
                elif self._waiting.pop(attempt, None) is not None:
                    self._send_end(Ended(attempt, None, FailureKind.CANCELLED, _CANCELLED))
            elif kind in (RUN, GIVE, SHARE):
                self._start(kind, body, time.monotonic() + _ROOM_SECONDS)

    def _start(self, kind: bytes, body: bytes, until: float) -> None:
        attempt, limit_seconds, name, order = read_order_head(body)
        if self._preparation is not None:
            self._preparation.before(name, order)
        try:
            worker = self._fork(order) if kind == RUN else self._staying(kind)
        except OSError as error:  # too many processes or open files, or too little memory, for now
            self._put_off(_Waiting(attempt, kind, body, until), error)
            return
        self._waiting.pop(attempt, None)
        worker.attempt = attempt
        self._by_attempt[attempt] = worker
        if limit_seconds:
            worker.limit_seconds = limit_seconds
            worker.deadline = time.monotonic() + limit_seconds
            heapq.heappush(self._deadlines, (worker.deadline, attempt))
        self._send(frame(STARTED, f"{attempt} {worker.pid}".encode()))
        if worker.channel is not None:
            with contextlib.suppress(OSError):  # it has just died; its end is reported when it is reaped
                worker.channel.sendall(frame(RUN, order))

    def _put_off(self, order: _Waiting, error: OSError) -> None:
        self._waiting[order.attempt] = order
        if time.monotonic() > order.until:
            del self._waiting[order.attempt]
            why = f"no process could be started for it: {error.strerror}"
            self._send_end(Ended(order.attempt, None, FailureKind.LOST, why))

    def _start_waiting(self) -> None:
        for order in list(self._waiting.values()):
            self._start(order.kind, order.body, order.until)
            if order.attempt in self._waiting:
                return

    # Workers

    def _fork(self, order: bytes) -> _Worker:
        size = data_size()
        desk = self._desk()
        pid = self._forked(desk)
        if pid == 0:
            self._in_child(lambda: child.run_one(order, desk, size))
        worker = self._workers[pid] = _Worker(pid, desk)
        return worker

    def _staying(self, kind: bytes) -> _Worker:
        idle = self._idle[kind]
        if idle:
            return idle.pop()
        size = data_size()
        ours, theirs = socket.socketpair()
        try:
            desk = self._desk()
            pid = self._forked(desk)
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            ours.close()
            if kind == GIVE:
                self._in_child(lambda: child.run_many(theirs, desk))
            self._in_child(lambda: child.run_shared(theirs, desk, size))
        theirs.close()
        worker = self._workers[pid] = _Worker(pid, desk, ours, idle)
        self._private.add(ours.fileno())
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._from_resident(worker))
        return worker

    def _forked(self, desk: child.Desk) -> int:
        try:
            return os.fork()
        except OSError:
            self._desks.append(desk)
            raise

    def _in_child(self, work: Callable[[], None]) -> None:
        status = 1
        try:
            for descriptor in self._private:
                os.close(descriptor)
            work()
            status = 0
        finally:
            os._exit(status)

    def _from_resident(self, worker: _Worker) -> None:
        channel = worker.channel
        if channel is None:  # its end came in the same round
            return
        try:
            content = channel.recv(1 << 16)
        except ConnectionResetError:
            content = b""
        if not content:
            self._close(channel)
            worker.channel = None
            return
        for kind, body in worker.reader.feed(content):
            if worker.attempt is not None:
                self._report(worker, body)
                if worker.kind is None and worker.idle is not None and kind != LAST:
                    worker.idle.append(worker)

    def _report(self, worker: _Worker, outcome: bytes) -> None:
        self._send(frame(ENDED, b'{"attempt":"%s","outcome":%s}' % ((worker.attempt or "").encode(), outcome)))
        self._forget(worker)

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
        while worker.channel is not None:
            self._from_resident(worker)  # what it had written before it died
        if worker.idle is not None and worker in worker.idle:
            worker.idle.remove(worker)
        outcome = worker.desk.sheet.take()
        self._desks.append(worker.desk)
        if worker.attempt is None:
            return
        if outcome is not None:
            self._report(worker, outcome)
            return
        kind = worker.kind or FailureKind.LOST
        detail, log = _detail(kind, status, worker.limit_seconds), self._kept_log(worker.attempt, worker.desk)
        ended = Ended(worker.attempt, None, kind, detail, status, log)
        self._forget(worker)
        self._send_end(ended)

    def _kept_log(self, attempt: AttemptId, desk: child.Desk) -> str:
        """Where that is now which a dead attempt had printed, as the desk is another's next; empty if nowhere."""
        kept = f"{self._settings.work_dir}/{attempt}.log"
        try:
            if not os.path.getsize(desk.log):
                return ""
            os.rename(desk.log, kept)
        except OSError:  # it died before it had a log
            return ""
        return kept

    def _clear_up(self, worker: _Worker) -> None:
        """End what a worker that was killed could not."""
        abort(worker.desk.resident_directory)
        if worker.attempt is not None:
            abort(directory_of(self._settings.work_dir, worker.attempt))
        end_leftovers(spared=self._workers)  # what it had in other groups has come to us

    def _forget(self, worker: _Worker) -> None:
        if worker.attempt is not None:
            self._by_attempt.pop(worker.attempt, None)
        worker.attempt = None
        worker.deadline = worker.limit_seconds = 0.0

    def _close(self, channel: socket.socket) -> None:
        self._selector.unregister(channel)
        self._private.discard(channel.fileno())
        channel.close()

    def _end(self, worker: _Worker, kind: FailureKind) -> None:
        worker.kind = kind
        end_group(worker.pid)

    # Time

    def _patience(self) -> float | None:
        # Nothing tells when another process may be started.
        longest = _ROOM_AGAIN_SECONDS if self._waiting else _LONGEST_PATIENCE
        while self._deadlines:
            deadline, attempt = self._deadlines[0]
            if attempt in self._by_attempt:
                return min(longest, max(0.0, deadline - time.monotonic()))
            heapq.heappop(self._deadlines)
        return longest if self._waiting else None

    def _end_late(self) -> None:
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, attempt = heapq.heappop(self._deadlines)
            worker = self._by_attempt.get(attempt)
            if worker is not None:
                self._end(worker, FailureKind.TIME)

    # Bookkeeping

    def _desk(self) -> child.Desk:
        if self._desks:
            return self._desks.pop()
        self._desk_count += 1
        writer = f"{self._name}-{self._desk_count}"
        log = f"{self._settings.work_dir}/{writer}.log"
        return child.Desk(self._settings, self._environment, writer, log, Sheet(), self._pid)

    def _send_end(self, ended: Ended) -> None:
        self._send(frame(ENDED, json.dumps(encode(ended)).encode()))

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
        self._woken = woken  # kept open: the signal's handler writes to it
        self._private |= {wake.fileno(), woken.fileno()}
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return wake


def _detail(kind: FailureKind, status: int, limit_seconds: float) -> str:
    if kind is FailureKind.TIME:
        return f"it ran longer than its limit of {format_seconds(limit_seconds)}"
    if kind is FailureKind.CANCELLED:
        return _CANCELLED
    if status < 0:
        return f"its process was killed by signal {-status}"
    return f"its process ended with status {status} and no result"


def main() -> None:
    """Serve a leader that started a fresh interpreter, with its socket as the argument and the settings, a
    pickle of its own, as the input."""
    leader = socket.socket(fileno=int(sys.argv[1]))
    enter(leader, pickle.load(sys.stdin.buffer), Preparation())


def enter(leader: socket.socket, settings: HostSettings, preparation: Preparation | None = None) -> None:
    """Be the host process until the leader goes. ``preparation``: this is a fresh interpreter.

    That is seen by the socket's end, not by a signal: the host must live on to end what it started.
    """
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    child.write_by_lines()
    Host(leader, settings, preparation).serve()


if __name__ == "__main__":
    main()
