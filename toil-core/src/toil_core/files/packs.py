"""Small files of one attempt, kept together until they are stored as one object.

For stores that cannot append: there every put costs a request, and most files of most jobs are small.
"""

from __future__ import annotations

import io
import tempfile
import threading
import weakref
from collections.abc import Callable
from typing import BinaryIO

from toil_core.api.storage import Storage

_MEMORY_BYTES = 8 * 1024**2
"""What is kept in memory of a pack; a longer one goes to a temporary file."""


class Pack:
    """Thread-safe. ``new_key`` names the object, differently each time."""

    def __init__(self, storage: Storage, new_key: Callable[[], str]) -> None:
        self._storage = storage
        self._new_key = new_key
        self._key = ""
        self._content: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._lock = threading.Lock()

    def add(self, content: bytes) -> tuple[str, int]:
        """Add a file: the key and offset at which it will be."""
        with self._lock:
            if self._content is None:
                self._key = self._new_key()
                self._content = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115  # closed when stored
                weakref.finalize(self, self._content.close)  # or when it is given up, as when a put failed
            offset = self._content.seek(0, io.SEEK_END)
            self._content.write(content)
            return self._key, offset

    def open(self, key: str, offset: int, size: int) -> BinaryIO | None:
        """A file that was added and not stored yet; ``None`` for others."""
        with self._lock:
            if self._content is None or key != self._key:
                return None
            self._content.seek(offset)
            return io.BytesIO(self._content.read(size))

    def store(self) -> None:
        """Put what was added as one object; durable on return. Nothing to do is no error."""
        with self._lock:
            if self._content is not None:
                self._content.seek(0)
                self._storage.put(self._key, self._content)  # type: ignore[arg-type]  # a binary stream but in name
                self._content.close()
                self._content = None
