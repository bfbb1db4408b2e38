"""Resumable uploads: an object in chunks, each sent again from where the service has it when it broke off.

The service compares the checksum of the whole before the object is seen.

https://cloud.google.com/storage/docs/resumable-uploads
"""

from __future__ import annotations

from typing import BinaryIO

from toil_gce.door.objects import Objects, checksum, in_base64
from toil_gce.file_slice import FileSlice
from toil_gce.refusal import Refusal

FIRST_CHUNK = 4 * 1024 * 1024
_LARGEST_CHUNK = 16 * 1024 * 1024
_LOST = (404, 410)


class Upload:
    """One resumable upload, used by one thread."""

    def __init__(self, objects: Objects, address: str) -> None:
        self._objects = objects
        self._address = address
        self._crc32c = 0

    def send(self, first: bytes, stream: BinaryIO) -> None:
        """Send the first chunk and all that follows; the object is there on return."""
        chunk, start, size = first, 0, FIRST_CHUNK
        try:
            while True:
                self._crc32c = checksum(chunk, self._crc32c)
                is_last = len(chunk) < size
                self._chunk(chunk, start, is_last)
                if is_last:
                    return
                start += len(chunk)
                if start >= 16 * size:
                    size = min(2 * size, _LARGEST_CHUNK)
                chunk = read_all(stream, size)
        except BaseException:
            self._objects.abandon(self._address)
            raise

    def send_slice(self, content: FileSlice) -> None:
        """Send a file, or a part of one, as one chunk; the object is there on return."""
        try:
            self._crc32c = content.crc32c()
            self._chunk(content, 0, True)
        except BaseException:
            self._objects.abandon(self._address)
            raise

    def _chunk(self, chunk: bytes | FileSlice, start: int, is_last: bool) -> None:
        """Have the service take a whole chunk, the last with the end of the object."""
        end = start + len(chunk)
        whole = str(end) if is_last else "*"
        crc32c = in_base64(self._crc32c) if is_last else ""
        kept: int | None = start
        failures = 0
        while kept is not None and (is_last or kept < end):
            if not start <= kept <= end:
                raise Refusal(0, "the service lost a part of an upload")
            try:
                if failures:
                    kept = self._objects.send(self._address, b"", f"*/{whole}", crc32c)
                    if kept is None or not (is_last or kept < end):
                        return
                place = f"{kept}-{end - 1}" if kept < end else "*"
                kept = self._objects.send(self._address, chunk[kept - start :], f"{place}/{whole}", crc32c)
                failures = 0
            except Refusal as refusal:
                if refusal.status in _LOST:
                    raise Refusal(0, "the service lost an upload that was under way") from refusal
                failures += 1
                if refusal.wait_seconds is None or failures >= self._objects.patience.attempts:
                    raise
                self._objects.patience.wait(failures, refusal.wait_seconds)


def read_all(stream: BinaryIO, length: int) -> bytes:
    """So many bytes, fewer only at the end, from a stream that may hand out less at a time."""
    first = stream.read(length)
    if not first or len(first) == length:
        return first
    parts, found = [first], len(first)
    while found < length and (part := stream.read(length - found)):
        parts.append(part)
        found += len(part)
    return b"".join(parts)
