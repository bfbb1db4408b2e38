"""Writing a blob from a stream: in one request if it is small, else as blocks, some at once."""

from __future__ import annotations

import io
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import BinaryIO

from toil_azure.door.service import Service, Writing

_BLOCK_BYTES = 4 * 1024 * 1024
_AT_ONCE = 8
# A blob has at most 50,000 blocks (https://learn.microsoft.com/rest/api/storageservices/put-block): they grow
# as they get many, and fewer are sent at once then. That makes 1.2 TiB.
_BLOCKS_OF_A_SIZE = 10_000
_LARGEST_BLOCK_BYTES = 64 * 1024 * 1024


def write_blob(service: Service, container: str, blob: str, content: bytes | BinaryIO, writing: Writing) -> None:
    """Write a blob; nothing of it is seen before all of it is there.

    Raises ``BlobTaken``, ``ServiceError``, and what the stream raises. Blocks of a write that broke off
    are thrown away by the service after a week, or with the container.
    """
    if isinstance(content, bytes) and len(content) <= _BLOCK_BYTES:
        service.put(container, blob, content, writing)
        return
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    first = _read(stream, _BLOCK_BYTES)
    if len(first) < _BLOCK_BYTES:
        service.put(container, blob, first, writing)
        return
    token = uuid.uuid4().hex
    names: list[str] = []
    under_way: deque[Future[None]] = deque()
    given_up = Event()
    with ThreadPoolExecutor(_AT_ONCE, "toil-azure-put") as pool:
        try:
            block = first
            while block:
                size = _block_bytes(len(names))
                while len(under_way) >= max(1, _AT_ONCE * _BLOCK_BYTES // size):
                    under_way.popleft().result()
                names.append(f"{token}-{len(names):05d}")
                under_way.append(pool.submit(service.stage, container, blob, names[-1], block, given_up))
                block = _read(stream, _block_bytes(len(names)))
            while under_way:
                under_way.popleft().result()
        except BaseException:
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    service.commit(container, blob, names, writing)


def _block_bytes(number: int) -> int:
    return min(_LARGEST_BLOCK_BYTES, _BLOCK_BYTES << number // _BLOCKS_OF_A_SIZE)


def _read(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the stream's end: a stream may hand over less than it was asked for."""
    content = stream.read(size)
    if len(content) in (0, size):
        return content
    pieces = [content]
    missing = size - len(content)
    while missing and (content := stream.read(missing)):
        pieces.append(content)
        missing -= len(content)
    return b"".join(pieces)
