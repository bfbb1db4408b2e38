"""Writing a blob from a stream: in one request if it is small, else as blocks, some at once."""

from __future__ import annotations

import io
import uuid
import zlib
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import BinaryIO

from toil_azure.door.service import Service, Writing
from toil_azure.pieces import PIECE_BYTES, sums_told

# Of two pieces each: the fewer requests there are, the less the service has to do.
_BLOCK_BYTES = 2 * PIECE_BYTES
_AT_ONCE = 4
# A blob has at most 50,000 blocks (https://learn.microsoft.com/rest/api/storageservices/put-block): they grow
# as they get many, and fewer are sent at once then. That makes 2.2 TiB.
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
    if isinstance(content, bytes) and len(content) < PIECE_BYTES:
        service.put(container, blob, content, writing)
        return
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    block = _read(stream, _BLOCK_BYTES)
    if len(block) < _BLOCK_BYTES:
        is_long = keeps_sums and len(block) >= PIECE_BYTES
        service.put(container, blob, block, _with_sums(writing, _sums(block)) if is_long else writing)
        return
    token = uuid.uuid4().hex
    names: list[str] = []
    sent: list[Future[Sequence[int]]] = []
    under_way: set[Future[Sequence[int]]] = set()
    given_up = Event()
    with ThreadPoolExecutor(_AT_ONCE, "toil-azure-put") as pool:
        try:
            while block:
                names.append(f"{token}-{len(names):05d}")
                sent.append(pool.submit(_stage, service, container, blob, names[-1], block, given_up))
                under_way.add(sent[-1])
                del block
                size = _block_bytes(len(names))
                while len(under_way) >= max(1, _AT_ONCE * _BLOCK_BYTES // size):
                    under_way = _without_done(under_way)
                block = _read(stream, size)
            sums = [one for sums_of_block in sent for one in sums_of_block.result()]
        except BaseException:
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    service.commit(container, blob, names, _with_sums(writing, sums) if keeps_sums else writing)


def _with_sums(writing: Writing, sums: Sequence[int]) -> Writing:
    return replace(writing, metadata={**writing.metadata, **sums_told(sums)})


def _stage(service: Service, container: str, blob: str, name: str, block: bytes, given_up: Event) -> Sequence[int]:
    """Send a block; the sums of its pieces."""
    service.stage(container, blob, name, block, given_up)
    return _sums(block)


def _sums(block: bytes) -> Sequence[int]:
    view = memoryview(block)
    return [zlib.crc32(view[begin : begin + PIECE_BYTES]) for begin in range(0, len(block), PIECE_BYTES)]


def _without_done(under_way: set[Future[Sequence[int]]]) -> set[Future[Sequence[int]]]:
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
