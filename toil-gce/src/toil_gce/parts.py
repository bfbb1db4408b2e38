"""Putting a long object in parts, sent in parallel, that the service then puts together.

A single stream to the service is slower than the network of most machines in the cloud. The parts are
objects of their own, whose names no key of a job store has; they are removed when the object is there, or
given up, and with the store if their writer was killed. The object is seen at once and whole, under the
same condition as any other.

https://cloud.google.com/storage/docs/composite-objects
"""

from __future__ import annotations

import contextlib
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from toil_gce.door.objects import Objects, checksum, in_base64
from toil_gce.many import for_each
from toil_gce.refusal import Refusal
from toil_gce.resumable import Upload, read_all

PREFIX = "toil+parts/"

_PART_BYTES = 16 * 1024 * 1024
_AT_ONCE = 4
_MOST_COMPOSED = 32


def put_in_parts(objects: Objects, name: str, stream: BinaryIO, if_absent: bool, metadata: dict[str, str]) -> None:
    """Write an object of more than one part. Raises ``Refusal``; errors of the stream pass through."""
    parts = _Parts(objects)
    try:
        crc32c = parts.send(stream)
        while len(parts.whole) > _MOST_COMPOSED:
            parts.join()
        made = objects.compose(name, parts.whole, if_absent, metadata)
        if made and made != in_base64(crc32c):
            objects.delete(name)
            raise Refusal(0, "the service put an object together wrongly")
    finally:
        with contextlib.suppress(Refusal):  # they go with the store
            for_each(objects.delete, parts.names)


class _Parts:
    """The parts of one object: all ever made, and those that are the whole in their order."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._token = uuid.uuid4().hex
        self.names: list[str] = []
        self.whole: list[str] = []

    def send(self, stream: BinaryIO) -> int:
        """Send all of a stream, some parts at once; its CRC32C."""
        crc32c = 0
        sending: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                while part := read_all(stream, _PART_BYTES):
                    crc32c = checksum(part, crc32c)
                    if len(sending) == _AT_ONCE:
                        sending.popleft().result()
                    name = self._new()
                    self.whole.append(name)
                    sending.append(pool.submit(self._send, name, part))
                for one in sending:
                    one.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return crc32c

    def join(self) -> None:
        """Put groups of parts together, so that fewer are the whole."""
        joined = []
        for group in _groups(self.whole):
            name = self._new()
            self._objects.compose(name, group, False, {})
            joined.append(name)
        self.whole = joined

    def _send(self, name: str, part: bytes) -> None:
        Upload(self._objects, self._objects.begin(name, False, {})).send_whole(part)

    def _new(self) -> str:
        self.names.append(f"{PREFIX}{self._token}/{len(self.names)}")
        return self.names[-1]


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(names), _MOST_COMPOSED):
        yield names[begin : begin + _MOST_COMPOSED]
