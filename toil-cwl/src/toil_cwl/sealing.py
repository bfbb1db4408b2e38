"""Secrets of a run at rest: sealed by a key that lies elsewhere in the job store.

The sealed text lies with the run's document, the key in the orders of its jobs. So neither a copy of a
journal, an order or an event nor one of the document tells a secret; whoever may read all of a job store can.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as randomness
from collections.abc import Mapping

_KEY_BYTES = 32


def seal(secrets: Mapping[str, str]) -> tuple[str, str]:
    """The secrets as sealed text, and the key, which seals nothing else."""
    key = randomness.token_bytes(_KEY_BYTES)
    return base64.b64encode(_crossed(json.dumps(dict(secrets)).encode(), key)).decode(), key.hex()


def unseal(text: str, key: str) -> dict[str, str]:
    """The secrets again."""
    found: dict[str, str] = json.loads(_crossed(base64.b64decode(text), bytes.fromhex(key)))
    return found


def _crossed(content: bytes, key: bytes) -> bytes:
    """The content under a keystream that is used once: an extendable-output function of a random key."""
    stream = hashlib.shake_256(key).digest(len(content))
    return bytes(one ^ other for one, other in zip(content, stream, strict=True))


class Mask:
    """Takes secrets out of what people will read."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._hidden = sorted((value for value in secrets.values() if value), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text with a row of asterisks for each secret in it."""
        for value in self._hidden:
            text = text.replace(value, "***")
        return text
