"""Keys that customers supply: AES-256, handed to the service with each request and kept by nobody else.

https://cloud.google.com/storage/docs/encryption/customer-supplied-keys
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from toil_core.errors import UsageError

_KEY_BYTES = 32
_HOW = "Make one with: openssl rand -base64 32 > FILE"


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A key, never shown, and the file that it is in."""

    content: bytes = field(repr=False)
    path: str = ""

    @property
    def digest(self) -> str:
        """What tells keys apart without telling them: SHA-256 in base64, as the service shows it."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()

    def headers(self) -> dict[str, str]:
        """What a request carries."""
        return self._named("X-Goog-Encryption")

    def source_headers(self) -> dict[str, str]:
        """What a request carries whose source is encrypted with it."""
        return self._named("X-Goog-Copy-Source-Encryption")

    def _named(self, name: str) -> dict[str, str]:
        return {
            f"{name}-Algorithm": "AES256",
            f"{name}-Key": base64.b64encode(self.content).decode(),
            f"{name}-Key-Sha256": self.digest,
        }


def read_key(path: str) -> CustomerKey | None:
    """The key in a file, raw or in base64; ``None`` for no path. Raises ``UsageError``."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            text = file.read(1024)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"The key file {path} cannot be read: {reason}", _HOW) from error
    if len(text) == _KEY_BYTES:
        return CustomerKey(text, os.path.abspath(path))
    try:
        content = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        content = b""
    if len(content) != _KEY_BYTES:
        raise UsageError(f"The key file {path} does not hold {_KEY_BYTES} bytes, raw or in base64", _HOW)
    return CustomerKey(content, os.path.abspath(path))
