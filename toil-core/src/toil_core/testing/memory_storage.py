"""A job store in the memory of one process: no appends, nothing on disk, nothing durable."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchStore, ObjectExists, StoreExists
from toil_core.model.object_key import check_key


@dataclass(eq=False)
class MemoryPlace:
    """Where one store may be; ``objects`` is ``None`` while there is none."""

    objects: dict[str, bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class MemoryStorage(Storage):
    """A client of the store at a place; any number of them, in any threads of the process."""

    def __init__(self, place: MemoryPlace) -> None:
        self._place = place

    def create(self) -> None:
        """Make the store."""
        with self._place.lock:
            if self._place.objects is not None:
                raise StoreExists("There is a job store in this memory already", "Destroy it, or take another place")
            self._place.objects = {}

    def open(self) -> None:
        """Check that it is there."""
        with self._place.lock:
            self._objects()

    def destroy(self) -> None:
        """Forget the store."""
        with self._place.lock:
            self._place.objects = None

    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Keep an object."""
        check_key(key)
        whole = content if isinstance(content, bytes) else _read_in_parts(content)
        with self._place.lock:
            objects = self._objects()
            if if_absent and key in objects:
                raise ObjectExists(f'The job store in memory holds "{key}" already')
            objects[key] = whole

    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of an object's bytes."""
        content = self._object(key)
        return io.BytesIO(content[start : None if length is None else start + length])

    def delete(self, keys: Iterable[str]) -> None:
        """Forget objects."""
        for key in keys:
            with self._place.lock:
                self._objects().pop(check_key(key), None)

    def list(self, prefix: str) -> Iterator[str]:
        """The keys that start with the prefix, as they are when the listing begins."""
        with self._place.lock:
            found = [key for key in self._objects() if key.startswith(prefix)]
        yield from found

    def size(self, key: str) -> int:
        """An object's length."""
        return len(self._object(key))

    def public_url(self, key: str) -> str | None:
        """None: nothing else can read this memory."""
        check_key(key)
        return None

    def _object(self, key: str) -> bytes:
        check_key(key)
        with self._place.lock:
            objects = self._objects()
            if key not in objects:
                raise NoSuchObject(f'The job store in memory holds no "{key}"')
            return objects[key]

    def _objects(self) -> dict[str, bytes]:
        if self._place.objects is None:
            raise NoSuchStore("There is no job store in this memory", "Create it first")
        return self._place.objects


def _read_in_parts(stream: BinaryIO) -> bytes:
    return b"".join(iter(lambda: stream.read(1024 * 1024), b""))
