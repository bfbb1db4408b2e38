"""What a run was made of: so that a restart with an edited document is told from one with the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from toil_core.model.ids import JobId
from toil_cwl import door
from toil_cwl.values import Object

_RANDOM = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # names for want of others


def origin_of(document: door.Document, order: Object) -> str:
    """A digest of the document, with every file it was read from, and one of the job order."""
    return f"{_digest([document.uri, sorted(document.texts.items()), document.amendments])} {_digest(order)}"


def goes_on_with(mine: str, theirs: str, *, has_order: bool) -> bool:
    """Whether a run of the origin ``theirs`` is one of ``mine``. Origins that nobody asked for are empty;
    a restart need not repeat the job order."""
    if not mine or not theirs:
        return True
    return mine == theirs or (not has_order and mine.partition(" ")[0] == theirs.partition(" ")[0])


def root_of(origin: str) -> JobId:
    """The first job of a run of that origin: another one than that of a run that was given up."""
    return JobId(f"0-{hashlib.sha256(origin.encode()).hexdigest()[:16]}" if origin else "0")


def _digest(value: Sequence[Any] | Object) -> str:
    text = _RANDOM.sub("", json.dumps(value, sort_keys=True, default=str))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
