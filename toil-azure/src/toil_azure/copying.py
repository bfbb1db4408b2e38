"""Blobs that the service copies by itself: short ones in one request, long ones as blocks, some at once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from toil_azure.door.copies import Original, copy_block, copy_whole, original
from toil_azure.door.refusal import ServiceError, is_no_container
from toil_azure.door.service import BlobFacts, Service, Writing

ONE_COPY_BYTES = 256 * 1024 * 1024
"""What is copied in one request (https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url)."""
BLOCK_BYTES = 64 * 1024 * 1024
"""What is copied in one request of several; of the longest blobs it is more, for there are at most 50,000 blocks."""

_MOST_BLOCKS = 50_000
_AT_ONCE = 8


class NothingThere(Exception):
    """There is no such blob to copy."""


def copy_blob(service: Service, container: str, blob: str, source: Service, place: tuple[str, str]) -> int | None:
    """Write a blob with the content of another one, and tell its length; nothing of it is seen before all of
    it is there. ``None``, with nothing written, if the service refuses to, or the other has been replaced.

    ``place`` is the other one's container and name. Raises ``NothingThere``, and ``ServiceError``, also for a
    container that is not there.
    """
    facts = _look(source, place)
    if facts is None:
        return None
    try:
        found = original(source, *place, facts.version)
        if facts.size <= ONE_COPY_BYTES:
            copy_whole(service, container, blob, found)
        else:
            _copy_blocks(service, container, blob, found, facts.size)
    except ServiceError as error:
        if error.wait_seconds is not None or not error.status or is_no_container(error):
            raise
        return None
    return facts.size


def _look(source: Service, place: tuple[str, str]) -> BlobFacts | None:
    try:
        return source.facts(*place)
    except ServiceError as error:
        # What strangers may not see is said not to be there.
        if error.status == 404 and source.account.source:
            raise NothingThere from error
        if error.wait_seconds is not None:
            raise
        return None


def _copy_blocks(service: Service, container: str, blob: str, found: Original, size: int) -> None:
    length = max(BLOCK_BYTES, -(-size // _MOST_BLOCKS))
    token = uuid.uuid4().hex
    names = [f"{token}-{number:05d}" for number in range(-(-size // length))]

    def copy(number: int) -> None:
        start = number * length
        copy_block(service, container, blob, names[number], found, (start, min(length, size - start)))

    pool = ThreadPoolExecutor(_AT_ONCE, "toil-azure-copy")
    try:
        list(pool.map(copy, range(len(names))))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    service.commit(container, blob, names, Writing())
