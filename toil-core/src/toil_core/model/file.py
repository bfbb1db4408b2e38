"""A file in a job store, as jobs pass it around."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileRef:
    """Immutable content, and where it lies.

    ``key`` is a storage key, or, when it contains ``://``, the URL of a file that was imported by
    reference. ``offset`` is the first byte inside the object when several small files share one
    object (a pack), else ``None``: the file is the whole object. ``size`` is in bytes.
    ``checksum`` is ``sha1$<hex>`` or empty when it is not known: of files by
    reference, and of those that a service copied by itself.
    """

    key: str
    size: int
    checksum: str = ""
    offset: int | None = None
    name: str = ""
    executable: bool = False

    @property
    def is_by_reference(self) -> bool:
        """Whether the content is not in the store but where the user keeps it."""
        return "://" in self.key

    @property
    def byte_range(self) -> tuple[int, int] | None:
        """First byte and length inside the object; ``None`` for the whole object."""
        return None if self.offset is None else (self.offset, self.size)
