"""Contract: a place that keeps objects. A job store plugin implements this and nothing else.

To write one: subclass ``Storage``, implement the abstract methods, return a ``StorageSpec`` from the
hook ``toil_job_stores``, and inherit ``toil_core.testing.StorageContract`` in a test.

An object has a key and immutable content. Keys are 1 to 512 characters of ``A-Z a-z 0-9 . _ - /``,
no leading, trailing or doubled slash, no part ``.`` or ``..``. A store need not hold both ``a`` and
``a/b``. Any number of threads and processes on any number of machines use one store at once; every
method may be called concurrently.

Promises:

* A put is atomic: a reader sees no object or all of it, and a put that breaks halfway leaves nothing.
* When a put has returned, the content survives power loss, and every later read or list sees it.
* ``put(if_absent=True)`` is a conditional write carried out by the service itself
  (``If-None-Match: *`` of RFC 9110 section 13.1.2, ``ifGenerationMatch=0``, ``link(2)``): of several
  concurrent ones exactly one returns, the others raise ``ObjectExists``.
* Foreign errors are translated: ``NoSuchObject``, ``ObjectExists``, ``StoreFull``, ``NoSuchStore``,
  ``StoreExists``, and ``StorageError`` for the rest, each naming the store and the operation, none
  a secret. Errors worth retrying have been retried before they are raised.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import BinaryIO

CONTRACT = 1


class Storage(ABC):
    """One job store's objects. Made cheaply from a locator; touches nothing until it is used."""

    @abstractmethod
    def create(self) -> None:
        """Make the store. Raises ``StoreExists``; a store whose creation was cut short can be destroyed."""

    @abstractmethod
    def open(self) -> None:
        """Check that the store is there and reachable. Raises ``NoSuchStore``."""

    @abstractmethod
    def destroy(self) -> None:
        """Remove the store and all that is in it; no error if there is none, or another does the same."""

    @abstractmethod
    def put(self, key: str, content: bytes | BinaryIO, *, if_absent: bool = False) -> None:
        """Write an object durably. A stream is read once, to its end, in bounded memory.

        Raises ``ObjectExists`` with ``if_absent`` if the key is taken; without it the object is replaced.
        """

    @abstractmethod
    def get(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A readable stream of an object's bytes from ``start``, at most ``length`` of them.

        A range past the end is cut, not an error. The caller closes the stream. Raises ``NoSuchObject``.
        """

    @abstractmethod
    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; a key that is not there is no error."""

    @abstractmethod
    def list(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, in no promised order, each at most once.

        Objects put or deleted while the listing goes on may or may not appear.
        """

    @abstractmethod
    def size(self, key: str) -> int:
        """An object's length in bytes. Raises ``NoSuchObject``."""

    @abstractmethod
    def public_url(self, key: str) -> str | None:
        """A URL by which tools without our software can read the object, or ``None``.

        A ``file://`` URL promises a path on this machine that may be read, linked and mapped, never
        written. Does not check that the object exists.
        """

    def take(self, key: str, path: str) -> bool:
        """Have a local file become a new object without copying it, with all the promises of a put; its
        own name is gone then. ``False``, with nothing done, where that cannot be.

        The key is in use by nobody, and nobody writes to the file any more.
        """
        return False

    def copy_url(self, key: str, url: str) -> int | None:
        """Have the content of a URL become a new object by a copy that the service itself makes, with all the
        promises of a put: its bytes do not pass through this machine. Its length in bytes; or ``None``, with
        nothing done, where that cannot be: another service's URL, no right to it, a content that is only
        unpacked when it is read, or one that changed meanwhile. Whoever asks reads the URL then.

        Encrypted as what is put. The key is in use by nobody. Raises ``NoSuchUrl`` if there is
        nothing at the URL.
        """
        return None

    def append(self, key: str, content: bytes) -> int:
        """Add bytes to the end of an object that only this process writes; return where they begin.

        Offered by stores with the capability ``appends``: readers in other processes of this machine
        see the bytes at once, and they become durable with ``sync``.
        """
        raise NotImplementedError(f"{type(self).__name__} does not append")

    def sync(self, keys: Iterable[str]) -> None:
        """Make all that was appended to these objects durable; may be called by any process."""
        raise NotImplementedError(f"{type(self).__name__} does not append")
