"""Messages over a stream socket or pipe: length, one letter for the kind, body."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from toil_core.model.ids import AttemptId
from toil_core.model.order import WorkOrder
from toil_core.model.wire import encode_order

_HEADER = struct.Struct("!IB")

RUN, GIVE, SHARE, CANCEL, STARTED, ENDED, OUTCOME, LAST = b"R", b"G", b"P", b"C", b"S", b"E", b"O", b"L"
"""To the host: ``RUN`` an order in a process of its own, ``GIVE`` it to a resident one, or to one that such jobs
``SHARE``, ``CANCEL`` an attempt. From it: ``STARTED``, ``ENDED``. To a process that stays: ``RUN``; from it:
``OUTCOME``, or ``LAST`` if it takes no more."""

HELLO, SAY, UP, STOP = b"H", b"M", b"U", b"X"
"""From an attempt to the leader: ``HELLO`` once, with who it is; ``SAY`` a line now; a service is ``UP``. To a
service: ``STOP``."""


def frame(kind: bytes, body: bytes) -> bytes:
    """A message as bytes. ``kind`` is one byte."""
    return _HEADER.pack(len(body), kind[0]) + body


def order_frame(kind: bytes, order: WorkOrder) -> bytes:
    """An order for the host: what the host itself must know of it is on a line before the order."""
    head = f"{order.attempt} {order.resources.time_limit_seconds!r} {order.job.body}\n"
    return frame(kind, (head + encode_order(order)).encode())


def read_order_head(body: bytes) -> tuple[AttemptId, float, str, bytes]:
    """Of an order for the host: the attempt, its time limit in seconds or 0 for none, the name of the job's body,
    and the order itself."""
    head, _, order = body.partition(b"\n")
    attempt, limit, name = head.decode().split(" ", 2)
    return AttemptId(attempt), float(limit), name, order


class FrameReader:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """How many bytes of a message that is not complete have come."""
        return len(self._buffer)

    def feed(self, content: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take bytes; the messages they complete, as kind and body."""
        self._buffer += content
        while len(self._buffer) >= _HEADER.size:
            length, kind = _HEADER.unpack_from(self._buffer)
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            yield bytes((kind,)), body
