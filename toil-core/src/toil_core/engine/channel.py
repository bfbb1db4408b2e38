"""The leader's end of the channel by which attempts reach it while they run.

A TCP server of the leader's. An attempt connects when it first has something to say, with the run's secret
and its own name; ``worker.line`` is its end. Nothing that correctness needs passes here but the start and
the stop of services, which do not outlive their leader. One thread serves all connections.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from toil_core.errors import InternalError
from toil_core.model.channel import ChannelAddress
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.outcome import Message
from toil_core.model.payload import Payload
from toil_core.model.wire import decode
from toil_core.worker.frames import HELLO, SAY, STOP, UP, FrameReader, frame

_DRAIN_SECONDS = 1.0
"""How long the end of a run waits for what attempts that have ended had said."""

_FRAME_LIMIT = 1 << 20
"""Bytes that a stranger may send before the secret."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that a running job wants to be read now."""

    job: JobId
    attempt: AttemptId
    message: Message


@dataclass(frozen=True, slots=True)
class ServiceUp:
    """A service has started, with a value for those who read its promise."""

    attempt: AttemptId
    value: Payload


Word = Said | ServiceUp


@dataclass(eq=False)
class _Caller:
    channel: socket.socket
    reader: FrameReader = field(default_factory=FrameReader)
    job: JobId | None = None
    attempt: AttemptId | None = None


class Channel:
    """``stop`` and ``close`` may be called from any thread; what comes in is given to ``put``, from the
    channel's own."""

    def __init__(self, put: Callable[[Word], None], *, is_local: bool) -> None:
        """Listen, and nothing more: no thread runs before ``start``. ``is_local``: for this machine alone."""
        self._put = put
        self.server = socket.create_server(("127.0.0.1" if is_local else "", 0), backlog=512)
        self._secret = secrets.token_hex(16)
        host = "127.0.0.1" if is_local else our_address()
        self.address = ChannelAddress(host, self.server.getsockname()[1], self._secret)
        self._lock = threading.Lock()
        self._callers: dict[AttemptId, _Caller] = {}
        self._stopped: set[AttemptId] = set()
        self._open = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take calls."""
        if self._thread is not None:
            raise InternalError("the channel was started twice")
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._serve, name="channel", daemon=True)
        self._thread.start()

    def stop(self, attempt: AttemptId) -> None:
        """Ask a service to stop, now or as soon as it calls."""
        with self._lock:
            self._stopped.add(attempt)
            caller = self._callers.get(attempt)
            if caller is not None:
                with contextlib.suppress(OSError):  # it has died, and its end is told by the batch system
                    caller.channel.sendall(frame(STOP, b""))

    def close(self) -> None:
        """Take what those that have ended had said, and no more. May be called twice."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._wake.close()
            thread.join()
            self._woken.close()
            self._selector.close()
        self.server.close()

    def _serve(self) -> None:
        selector = self._selector
        self.server.setblocking(False)
        selector.register(self.server, selectors.EVENT_READ, self._accept)
        selector.register(self._woken, selectors.EVENT_READ)
        deadline: float | None = None
        while deadline is None or (self._open and time.monotonic() < deadline):
            patience = None if deadline is None else max(0.0, deadline - time.monotonic())
            for key, _ in selector.select(patience):
                if key.fileobj is self._woken:
                    deadline = time.monotonic() + _DRAIN_SECONDS
                    selector.unregister(self._woken)
                    self._accept()
                else:
                    key.data()
        for key in list(selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    channel, _ = self.server.accept()
                except ConnectionAbortedError:
                    continue
                caller = _Caller(channel)
                self._open += 1
                self._selector.register(channel, selectors.EVENT_READ, lambda caller=caller: self._hear(caller))

    def _hear(self, caller: _Caller) -> None:
        try:
            content = caller.channel.recv(1 << 16)
        except OSError:
            content = b""
        is_welcome = bool(content)
        try:
            for kind, body in caller.reader.feed(content):
                is_welcome = self._take(caller, kind, body)
                if not is_welcome:
                    break
        except ValueError:  # not our way of speaking: the others are still to be heard
            is_welcome = False
        if not is_welcome or (caller.attempt is None and caller.reader.waiting > _FRAME_LIMIT):
            self._hang_up(caller)

    def _hang_up(self, caller: _Caller) -> None:
        with self._lock:
            if caller.attempt is not None:
                self._callers.pop(caller.attempt, None)
        self._selector.unregister(caller.channel)
        caller.channel.close()
        self._open -= 1

    def _take(self, caller: _Caller, kind: bytes, body: bytes) -> bool:
        """Whether to go on with this caller."""
        if caller.attempt is None or caller.job is None:
            return kind == HELLO and self._greet(caller, body)
        if kind == SAY:
            level, _, text = body.decode(errors="replace").partition(" ")
            self._put(Said(caller.job, caller.attempt, Message(int(level), text)))
        elif kind == UP:
            value: Payload = decode(Payload, json.loads(body))
            self._put(ServiceUp(caller.attempt, value))
        return True

    def _greet(self, caller: _Caller, body: bytes) -> bool:
        secret, _, names = body.partition(b" ")
        if not hmac.compare_digest(secret, self._secret.encode()):
            return False
        job, _, attempt = names.decode().partition(" ")
        caller.job, caller.attempt = JobId(job), AttemptId(attempt)
        with self._lock:
            self._callers[caller.attempt] = caller
            if caller.attempt in self._stopped:
                with contextlib.suppress(OSError):
                    caller.channel.sendall(frame(STOP, b""))
        return True


def our_address() -> str:
    """The address by which other machines most likely reach this one: that of its default route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 of RFC 5737; nothing is sent
        except OSError:  # no route: this machine's name may still be known
            return socket.gethostname()
        host: str = probe.getsockname()[0]
        return host
