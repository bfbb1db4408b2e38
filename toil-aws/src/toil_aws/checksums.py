"""The checksums that travel with objects, so that a service takes nothing but what was sent.

Every server knows Content-MD5 (RFC 1864). Amazon's CRC-32 (Amazon S3 User Guide, "Checking object
integrity") takes less time; whether a server knows it is found out when a store is made, and kept
with the store.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

CRC32 = "crc32"
MD5 = "md5"


def md5(content: bytes | bytearray) -> bytes:
    """Against accidents, not against forgers."""
    return hashlib.md5(content, usedforsecurity=False).digest()


def crc32(content: bytes | bytearray) -> bytes:
    """Four bytes, the highest first, as S3 wants them."""
    return zlib.crc32(content).to_bytes(4, "big")


def part_digest(kind: str, content: bytes | bytearray) -> bytes:
    """A part's share in the checksum of its object."""
    return crc32(content) if kind == CRC32 else md5(content)


def of_parts(kind: str, digests: Sequence[bytes]) -> str:
    """The checksum that S3 tells of an object sent in parts, from the parts' own in their order: of MD5s it
    is the ETag; of CRC-32s without the number of parts, which not all servers tell."""
    whole = part_digest(kind, b"".join(digests))
    return base64.b64encode(whole).decode() if kind == CRC32 else f"{whole.hex()}-{len(digests)}"


def of_part(kind: str, content: bytes | bytearray) -> dict[str, Any]:
    """What a request says that carries the content."""
    if kind == CRC32:
        told = base64.b64encode(crc32(content)).decode()
        return {"ChecksumAlgorithm": "CRC32", "ChecksumCRC32": told}
    return of_digest(md5(content))


def of_digest(digest: bytes) -> dict[str, Any]:
    """What a request says whose content has that MD5."""
    return {"ContentMD5": base64.b64encode(digest).decode()}


def of_upload(kind: str) -> dict[str, Any]:
    """What the request says that begins an object in parts."""
    return {"ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"} if kind == CRC32 else {}
