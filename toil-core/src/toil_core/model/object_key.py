"""Which strings are keys of a job store's objects."""

from __future__ import annotations

import re

from toil_core.errors import StorageError

LONGEST_KEY = 512

_KEY = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")


def is_key(text: str) -> bool:
    """Whether the text could be a key."""
    return bool(_KEY.fullmatch(text)) and len(text) <= LONGEST_KEY and {".", ".."}.isdisjoint(text.split("/"))


def check_key(key: str) -> str:
    """The key itself. Raises ``StorageError`` if it is not one that the storage contract allows."""
    if not is_key(key):
        shown = key if len(key) <= 80 else key[:80] + "…"
        raise StorageError(
            f"{shown!r} cannot be the key of an object in a job store",
            f"Keys are 1 to {LONGEST_KEY} characters of A-Z a-z 0-9 . _ - / with no empty, . or .. part",
        )
    return key
