"""Streams of bytes or text to and from stored files."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from toil.fileStores.fileID import FileID
from toil_core.api.job import FileAccess


@contextmanager
def written(
    files: FileAccess, path: Path, name: str | None, encoding: str | None, errors: str | None
) -> Iterator[tuple[IO[Any], FileID]]:
    """A stream, by way of a file at ``path``, and the id of the stored file that it becomes; nothing is
    stored if the block raises."""
    promised = FileID.to_be_written(uuid.uuid4().hex)
    with path.open("wb" if encoding is None else "w", encoding=encoding, errors=errors) as stream:
        yield stream, promised
    promised.written(files.write(path, name=name or "stream", move=True))


def as_text(stream: Any, encoding: str | None, errors: str | None) -> Any:
    """The stream itself, with ``encoding`` one of text."""
    return stream if encoding is None else io.TextIOWrapper(stream, encoding, errors)
