"""The checksums that travel with objects, so that a service takes nothing but what was sent.

Every server knows Content-MD5 (RFC 1864). Amazon's CRC-32 (Amazon S3 User Guide, "Checking object
integrity") takes less time; whether a server knows it is found out when a store is made, and kept
with the store.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

CRC32 = "crc32"
MD5 = "md5"


def md5(content: bytes | bytearray) -> bytes:
    """Against accidents, not against forgers."""
    return hashlib.md5(content, usedforsecurity=False).digest()


def of_part(kind: str, content: bytes | bytearray) -> dict[str, Any]:
    """What a request says that carries the content."""
    if kind == CRC32:
        told = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
        return {"ChecksumAlgorithm": "CRC32", "ChecksumCRC32": told}
    return of_digest(md5(content))


def of_digest(digest: bytes) -> dict[str, Any]:
    """What a request says whose content has that MD5."""
    return {"ContentMD5": base64.b64encode(digest).decode()}


def of_upload(kind: str) -> dict[str, Any]:
    """What the request says that begins an object in parts."""
    return {"ChecksumAlgorithm": "CRC32"} if kind == CRC32 else {}
