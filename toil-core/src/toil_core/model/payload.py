"""Arguments and return values, as the engine carries them: text it never looks into."""

from __future__ import annotations

from dataclasses import dataclass

from toil_core.model.file import FileRef

INLINE_LIMIT = 64 * 1024
"""The most characters of a payload that travel inside a description or a result; more goes to a file."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Text that only a job's body understands (JSON, base64 of a pickle), here or in a file.

    Exactly one of ``text`` and ``file`` is set.
    """

    text: str | None = None
    file: FileRef | None = None


EMPTY = Payload(text="")
