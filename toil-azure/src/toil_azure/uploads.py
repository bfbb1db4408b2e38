"""Writing a blob from a stream: in one request if it is small, else as blocks, some at once."""

from __future__ import annotations

import io
import uuid
import zlib
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import BinaryIO

from toil_azure.door.service import Service, Writing
from toil_azure.pieces import PIECE_BYTES, sums_told

_BLOCK_BYTES = PIECE_BYTES
_AT_ONCE = 6
# A blob has at most 50,000 blocks (https://learn.microsoft.com/rest/api/storageservices/put-block): they grow
# as they get many, and fewer are sent at once then. That makes 1.5 TiB.
_BLOCKS_OF_A_SIZE = 10_000
_LARGEST_BLOCK_BYTES = 64 * 1024 * 1024


def write_blob(
    service: Service,
    container: str,
    blob: str,
    content: bytes | BinaryIO,
    writing: Writing,
    *,
    keeps_sums: bool = False,
) -> None:
    """Write a blob; nothing of it is seen before all of it is there. With ``keeps_sums`` the checksums of a
    long one's pieces become part of its metadata.

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
    sent: list[Future[int]] = []
    under_way: set[Future[int]] = set()
    given_up = Event()
    with ThreadPoolExecutor(_AT_ONCE, "toil-azure-put") as pool:
        try:
            block = first
            while block:
                size = _block_bytes(len(names))
                while len(under_way) >= max(1, _AT_ONCE * _BLOCK_BYTES // size):
                    under_way = _without_done(under_way)
                names.append(f"{token}-{len(names):05d}")
                sent.append(pool.submit(_stage, service, container, blob, names[-1], block, given_up))
                under_way.add(sent[-1])
                block = _read(stream, _block_bytes(len(names)))
            sums = [one.result() for one in sent]
        except BaseException:
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if keeps_sums:
        writing = replace(writing, metadata={**writing.metadata, **sums_told(sums)})
    service.commit(container, blob, names, writing)


def _stage(service: Service, container: str, blob: str, name: str, block: bytes, given_up: Event) -> int:
    service.stage(container, blob, name, block, given_up)
    return zlib.crc32(block)


def _without_done(under_way: set[Future[int]]) -> set[Future[int]]:
    """Wait for the next block, whichever it is. Raises what it came to."""
    done, left = wait(under_way, return_when=FIRST_COMPLETED)
    for one in done:
        one.result()
    return left


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
