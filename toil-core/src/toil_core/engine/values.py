"""Values as text, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterable

from toil_core.api.job import FileAccess
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload


def resolve(pairs: Iterable[tuple[JobId, Payload]], files: FileAccess) -> dict[JobId, str]:
    """The text of each payload, read from its file where it has one."""
    return {job: text_of(payload, files) for job, payload in pairs}


def text_of(payload: Payload, files: FileAccess) -> str:
    """A payload's text. Raises ``NoSuchObject`` if its file is gone."""
    if payload.file is None:
        return payload.text or ""
    with files.open(payload.file) as stream:
        return stream.read().decode()
