"""Messages over a stream socket or pipe: length, one letter for the kind, body."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER = struct.Struct("!IB")

RUN, CANCEL, STARTED, ENDED, OUTCOME = b"R", b"C", b"S", b"E", b"O"


def frame(kind: bytes, body: bytes) -> bytes:
    """A message as bytes. ``kind`` is one byte."""
    return _HEADER.pack(len(body), kind[0]) + body


class FrameReader:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

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
