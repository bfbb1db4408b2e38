"""A running attempt's line to its leader: a TCP connection, made when there is first something to say."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable

from toil_core.errors import LeaderLost
from toil_core.model.channel import ChannelAddress
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.payload import Payload
from toil_core.model.wire import encode
from toil_core.worker.frames import HELLO, SAY, STOP, UP, FrameReader, frame

_CONNECT_SECONDS = 10.0


class Line:
    """One attempt's; used by one thread at a time."""

    def __init__(self, find: Callable[[], ChannelAddress], job: JobId, attempt: AttemptId) -> None:
        self._find = find
        self._job = job
        self._attempt = attempt
        self._channel: socket.socket | None = None
        self._reader = FrameReader()

    def say(self, level: int, text: str) -> None:
        """Have a line read by the leader now. Raises ``LeaderLost``."""
        self._send(frame(SAY, f"{level} {text}".encode(errors="backslashreplace")))

    def up(self, value: Payload) -> None:
        """Tell that this service has started. Raises ``LeaderLost``."""
        self._send(frame(UP, json.dumps(encode(value)).encode()))

    def is_stopped(self, seconds: float | None) -> bool:
        """Wait so long at most, or for ever, for the leader to ask the service to stop; whether it has.

        Raises ``LeaderLost``.
        """
        channel = self._connected()
        if not select.select([channel], [], [], seconds)[0]:
            return False
        try:
            content = channel.recv(4096)
        except OSError:
            content = b""
        if not content:
            raise LeaderLost("the leader is gone")
        return any(kind == STOP for kind, _ in self._reader.feed(content))

    def close(self) -> None:
        """Hang up; what was said is heard. May be called twice."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _send(self, content: bytes) -> None:
        try:
            self._connected().sendall(content)
        except OSError as error:
            raise LeaderLost(f"the leader cannot be told: {error.strerror or error}") from error

    def _connected(self) -> socket.socket:
        if self._channel is None:
            address = self._find()
            try:
                channel = socket.create_connection((address.host, address.port), _CONNECT_SECONDS)
                channel.settimeout(None)
                channel.sendall(frame(HELLO, f"{address.secret} {self._job} {self._attempt}".encode()))
            except OSError as error:
                where = f"{address.host}:{address.port}"
                text = f"the leader cannot be reached at {where}: {error.strerror or error}"
                raise LeaderLost(text) from error
            self._channel = channel
        return self._channel
