"""The leader's end of the worker host; implements ``api.batch_system.WorkerHost``."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toil_core.api.batch_system import Ended, Update
from toil_core.model.description import Isolation
from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.wire import decode
from toil_core.system.processes import FORK_IS_SAFE, end_group
from toil_core.worker import host
from toil_core.worker.abort_commands import abort_all
from toil_core.worker.frames import CANCEL, ENDED, GIVE, RUN, SHARE, STARTED, FrameReader, frame, order_frame
from toil_core.worker.settings import HostSettings

_CLOSE_SECONDS = 10.0

_KINDS = {Isolation.FORK: RUN, Isolation.RESIDENT: GIVE, Isolation.SHARED: SHARE}


@dataclass(slots=True)
class _Flight:
    report: Callable[[Update], None]
    group: int = 0


class _Connection:
    """One host process and its socket."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel
        self.flights: dict[AttemptId, _Flight] = {}


class LocalHost:
    """Thread-safe. If the host dies its attempts end as lost, and the next order starts another one."""

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._readers: list[threading.Thread] = []

    @classmethod
    def start(cls, settings: HostSettings, not_for_host: Sequence[socket.socket] = ()) -> LocalHost:
        """Fork the host now. The caller's process must have one thread; workers inherit what is loaded, and
        all that is open but ``not_for_host``."""
        new = cls(settings)
        new._connect(_forked(settings, not_for_host) if FORK_IS_SAFE else _spawned(settings))
        return new

    def run(self, order: WorkOrder, report: Callable[[Update], None]) -> None:
        """Run one attempt; ``report`` gets one ``Ended`` from another thread."""
        kind = _KINDS[order.job.isolation]
        if kind == SHARE and not self._settings.shares_processes:
            kind = RUN
        with self._lock:
            connection = self._connection or self._connect(_spawned(self._settings))
            connection.flights[order.attempt] = _Flight(report)
            with contextlib.suppress(OSError):  # a dead host's attempts are reported by its reader
                connection.channel.sendall(order_frame(kind, order))

    def cancel(self, attempt: AttemptId) -> None:
        """End an attempt; ``Ended`` follows."""
        with self._lock:
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.channel.sendall(frame(CANCEL, attempt.encode()))

    def close(self) -> None:
        """End the host with everything it started. May be called twice."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.channel.shutdown(socket.SHUT_WR)
        for reader in self._readers:
            reader.join(_CLOSE_SECONDS)

    def _connect(self, connection: _Connection) -> _Connection:
        self._connection = connection
        reader = threading.Thread(target=self._read, args=(connection,), name="worker host", daemon=True)
        self._readers.append(reader)
        reader.start()
        return connection

    def _read(self, connection: _Connection) -> None:
        reader = FrameReader()
        with contextlib.suppress(OSError):
            while content := connection.channel.recv(1 << 16):
                for kind, body in reader.feed(content):
                    self._take(connection, kind, body)
        self._lost(connection)

    def _take(self, connection: _Connection, kind: bytes, body: bytes) -> None:
        if kind == STARTED:
            attempt, _, group = body.decode().partition(" ")
            flight = connection.flights.get(AttemptId(attempt))
            if flight is not None:
                flight.group = int(group)
        elif kind == ENDED:
            ended: Ended = decode(Ended, json.loads(body))
            with self._lock:
                done = connection.flights.pop(ended.attempt, None)
            if done is not None:
                done.report(ended)

    def _lost(self, connection: _Connection) -> None:
        _, status = os.waitpid(connection.pid, 0)
        if status != 0:
            abort_all(self._settings.work_dir)
        with self._lock:
            if self._connection is connection:
                self._connection = None
            flights, connection.flights = connection.flights, {}
            connection.channel.close()
        detail = f"the worker host ended with status {os.waitstatus_to_exitcode(status)}"
        for attempt, flight in flights.items():
            if flight.group:
                end_group(flight.group)
            flight.report(Ended(attempt, None, FailureKind.LOST, detail))


def _forked(settings: HostSettings, not_for_host: Sequence[socket.socket]) -> _Connection:
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            for inherited in (ours, *not_for_host):
                inherited.close()
            host.enter(theirs, settings)
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return _Connection(pid, ours)


def _spawned(settings: HostSettings) -> _Connection:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "toil_core.worker.host", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.PIPE)
    theirs.close()
    if process.stdin is not None:  # not by arguments, which all can read: secrets are among them
        with contextlib.suppress(BrokenPipeError), process.stdin:
            pickle.dump(settings, process.stdin)
    process.returncode = 0  # its end is waited for by pid, by the reader
    return _Connection(process.pid, ours)
