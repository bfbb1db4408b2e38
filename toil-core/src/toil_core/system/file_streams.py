"""Telling streams that are a file's own bytes from all others."""

from __future__ import annotations

import io
import os
import stat
from typing import BinaryIO


def descriptor_of(stream: BinaryIO) -> int | None:
    """The descriptor of the regular file whose bytes, and no others, are read from a stream; ``None`` if it is
    not known to be one.

    That a stream has ``fileno`` does not say so: those of ``gzip`` and ``bz2`` tell the packed file's. What
    was written to the stream is in the file when this returns.
    """
    raw = stream.raw if type(stream) in (io.BufferedReader, io.BufferedRandom) else stream  # type: ignore[attr-defined]  # both have one
    if not isinstance(raw, io.FileIO):
        return None
    stream.flush()
    descriptor = raw.fileno()
    return descriptor if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
