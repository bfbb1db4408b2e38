"""One entry of a reuse store as bytes: a header, the entry as a line of JSON, the content of small files.

The header, ``toil-result <format> <bytes> <SHA-256>``, tells whether the rest is whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from toil_core.errors import StoreDamaged, StoreFormatError
from toil_core.model.wire import WireError, decode, encode

FORMAT = 1
_KIND = "toil-result"


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file of a kept result. ``offset`` is where its content begins among the entry's own bytes,
    ``None`` if it lies elsewhere; ``size`` is in bytes, ``checksum`` as in ``FileRef``."""

    checksum: str
    size: int
    name: str = ""
    executable: bool = False
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A result: text that only its maker understands, and the files it speaks of by their number."""

    value: str
    files: tuple[EntryFile, ...] = ()


def entry_bytes(entry: Entry, contents: bytes) -> bytes:
    """The object of an entry. ``contents`` are those of its small files, one behind the other."""
    body = json.dumps(encode(entry), separators=(",", ":")).encode() + b"\n" + contents
    return f"{_KIND} {FORMAT} {len(body)} {hashlib.sha256(body).hexdigest()}\n".encode() + body


def read_entry(content: bytes, name: str) -> tuple[Entry, bytes]:
    """The entry of an object, and the content of its small files.

    Raises ``StoreDamaged`` naming ``name`` unless every byte is right, ``StoreFormatError`` for one
    that a newer version wrote.
    """
    header, newline, body = content.partition(b"\n")
    parts = header.decode(errors="replace").split(" ")
    if not newline or len(parts) < 2 or parts[0] != _KIND or not parts[1].isdecimal():
        raise StoreDamaged(f"{name} is damaged: its first line is not that of a result")
    if int(parts[1]) > FORMAT:
        raise StoreFormatError(f"{name} has format {parts[1]}, and this version reads format {FORMAT}")
    if parts[1:] != [str(FORMAT), str(len(body)), hashlib.sha256(body).hexdigest()]:
        raise StoreDamaged(f"{name} is damaged: its bytes are not those that were written")
    line, _, contents = body.partition(b"\n")
    try:
        entry: Entry = decode(Entry, json.loads(line))
    except (ValueError, WireError) as error:
        raise StoreDamaged(f"{name} is damaged: it does not tell a result") from error
    return entry, contents
