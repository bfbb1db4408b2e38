"""A readable stream over a part of an object's file."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from toil_core.local.storage_error import doing

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BUFFER_BYTES = 128 * 1024


class ObjectReader(io.RawIOBase):
    """At most ``length`` bytes of a file from ``start``; errors of the medium name store and object."""

    def __init__(self, file: io.FileIO, store: str, operation: str, start: int, length: int | None) -> None:
        super().__init__()
        self._file = file
        self._store = store
        self._operation = operation
        self._left = sys.maxsize if length is None else length
        if start:
            with doing(store, operation):
                file.seek(start)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill a buffer as far as one read of the file does."""
        view = memoryview(buffer).cast("B")[: self._left]
        with doing(self._store, self._operation):
            count = self._file.readinto(view) or 0
        self._left -= count
        return count

    def readall(self) -> bytes:
        """All that is left."""
        if self._left == sys.maxsize:
            with doing(self._store, self._operation):
                return self._file.readall() or b""
        return super().readall()

    def close(self) -> None:
        """Close the file as well."""
        self._file.close()
        super().close()


def buffered(reader: ObjectReader) -> io.BufferedReader:
    """The reader with a buffer that suits whole files and small ones."""
    return io.BufferedReader(reader, _BUFFER_BYTES)
