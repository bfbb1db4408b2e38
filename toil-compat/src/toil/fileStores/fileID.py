"""A file in the job store, as a string with a size."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from toil_core.errors import NoSuchObject
from toil_core.model.file import FileRef

if TYPE_CHECKING:
    from typing_extensions import Self

_UNWRITTEN = "unwritten"


class FileID(str):
    """Names a file in the job store. ``size`` is in bytes; ``executable`` says whether it can be run.

    A plain string will do wherever a ``FileID`` does; but one that was made of a stream before it
    was written to must be handed on as it is.
    """

    size: int
    executable: bool
    _ref: FileRef | None

    def __new__(cls, fileStoreID: str, *args: Any) -> Self:
        return super().__new__(cls, fileStoreID)

    def __init__(self, fileStoreID: str, size: int, executable: bool = False) -> None:
        self.size = size
        self.executable = executable
        self._ref = fileStoreID._ref if isinstance(fileStoreID, FileID) else None

    @classmethod
    def of(cls, ref: FileRef) -> Self:
        """The id of a stored file."""
        return cls(_text(ref), ref.size, ref.executable)

    @classmethod
    def to_be_written(cls, token: str) -> Self:
        """The id of a file whose content is still to come; ``written`` tells what became of it."""
        return cls(f"{_UNWRITTEN}:{token}", 0)

    def written(self, ref: FileRef) -> None:
        """Say what the id stands for."""
        self._ref = ref
        self.size = ref.size

    @classmethod
    def forPath(cls, fileStoreID: str, filePath: str) -> Self:
        """An id with the size and mode of a local file."""
        status = os.stat(filePath)
        return cls(fileStoreID, status.st_size, bool(status.st_mode & 0o100))

    def pack(self) -> str:
        """A string that can pass through other programs; ``unpack`` reads it."""
        return f"{self.size}:{int(self.executable)}:{self}"

    @classmethod
    def unpack(cls, packedFileStoreID: str) -> Self:
        """The id that was packed."""
        size, executable, text = packedFileStoreID.split(":", 2)
        return cls(text, int(size), bool(int(executable)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._restored, (str(self), self.size, self.executable, self._ref)

    @classmethod
    def _restored(cls, text: str, size: int, executable: bool, ref: FileRef | None) -> Self:
        found = cls(text, size, executable)
        found._ref = ref
        return found


def ref_of(file: str) -> FileRef:
    """The core's reference to a file, from a ``FileID`` or its plain text. Raises ``NoSuchObject``."""
    ref = file._ref if isinstance(file, FileID) else None
    if ref is not None:
        return ref
    key, mark, facts = file.rpartition("?")
    if not mark or file.startswith(f"{_UNWRITTEN}:"):
        raise NoSuchObject(f'"{file}" names no stored file', "Hand on what writeGlobalFile or importFile returned")
    known = dict(parse_qsl(facts))
    offset = known.get("offset")
    return FileRef(
        key,
        int(known["size"]),
        known.get("checksum", ""),
        None if offset is None else int(offset),
        known.get("name", ""),
        "executable" in known,
    )


def _text(ref: FileRef) -> str:
    facts = {"size": str(ref.size), "checksum": ref.checksum, "name": ref.name}
    if ref.offset is not None:
        facts["offset"] = str(ref.offset)
    if ref.executable:
        facts["executable"] = "1"
    return f"{ref.key}?{urlencode({name: value for name, value in facts.items() if value}, quote_via=quote)}"
