"""Where long blobs are cut, and the checksums of their pieces, which are kept in the blob's metadata.

Whoever reads such a blob compares its pieces with what was written, however long ago. CRC-32 takes a fifth of
the time of MD5, and the service need not make a checksum of its own for every range that is read.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

PIECE_BYTES = 8 * 1024 * 1024
_NAME = "toil_crc32"
# A blob's metadata has at most 8 KiB (https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources).
_MOST = 1024


def sums_told(sums: Sequence[int]) -> dict[str, str]:
    """The metadata that hold the pieces' CRC-32s in their order; none if they are too many."""
    if len(sums) > _MOST:
        return {}
    packed = b"".join(one.to_bytes(4, "big") for one in sums)
    return {_NAME: f"{PIECE_BYTES}:{base64.b64encode(packed).decode()}"}


def sums_known(metadata: Mapping[str, str], total: int) -> Sequence[int]:
    """The CRC-32s of the pieces of a blob of ``total`` bytes; none if they are not there, or not for such pieces."""
    size, _, told = metadata.get(_NAME, "").partition(":")
    try:
        packed = base64.b64decode(told, validate=True)
    except binascii.Error:
        return ()
    if size != str(PIECE_BYTES) or len(packed) != 4 * -(-total // PIECE_BYTES):
        return ()
    return [int.from_bytes(packed[begin : begin + 4], "big") for begin in range(0, len(packed), 4)]
