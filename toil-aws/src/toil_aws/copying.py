"""Objects that the service copies by itself: short ones in one request, long ones in parts, several at a time."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from toil_aws.bucket import Bucket, Version
from toil_aws.failure import ABSENT, NO_BUCKET, NO_CREDENTIALS, TAKEN, S3Failure
from toil_aws.s3_client import CONCURRENCY

PART_BYTES = 256 * 1024**2
"""What is copied in one request, which has a minute to begin its answer; of the longest objects it is more."""
_MOST_PARTS = 10_000
"""Amazon S3 User Guide, "Amazon S3 multipart upload limits"; parts, and what one request copies, have up to 5 GiB."""


def look(source: Bucket, key: str) -> Version | None:
    """The object that is to be copied, ``None`` if it cannot be seen by who asks. Raises ``S3Failure``, one
    of ``ABSENT`` if there is none."""
    try:
        return source.version(key)
    except S3Failure as failure:
        if failure.code in NO_BUCKET:
            raise S3Failure(ABSENT[0], failure.reason) from failure
        if failure.is_absent or not _is_final(failure):
            raise
        return None


def copy(bucket: Bucket, key: str, source: Bucket, version: Version) -> int | None:
    """Write an object with the content of another one, and tell its length; nothing is visible before all of
    it is there. ``None``, with nothing written, if the service refuses to, or the other has been replaced.

    Raises ``S3Failure``, also for a bucket that is not there, or full.
    """
    try:
        if version.size <= PART_BYTES:
            bucket.copy(key, version)
            # A server that does not heed the condition may have copied what took its place.
            return bucket.size(key)
        _copy_parts(bucket, key, source, version)
    except S3Failure as failure:
        if failure.code in NO_BUCKET or failure.is_full or not _is_final(failure):
            raise
        return None
    return version.size


def _is_final(failure: S3Failure) -> bool:
    """Whether the service has said no, and not merely failed to answer."""
    return bool(failure.code) and failure.code != NO_CREDENTIALS and failure.asked_seconds is None


def _copy_parts(bucket: Bucket, key: str, source: Bucket, version: Version) -> None:
    size = max(PART_BYTES, -(-version.size // _MOST_PARTS))
    token = uuid.uuid4().hex
    upload = bucket.begin_copy(key, token)
    copied = partial(_copied, bucket, key, upload, version, size)
    pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="s3-copy")
    try:
        parts = list(pool.map(copied, range(-(-version.size // size))))
        # Not all servers heed the condition of a part.
        if source.version(version.key) != version:
            raise S3Failure(TAKEN[0], "it was replaced while it was copied", "Try again")
        bucket.end_parts(key, upload, parts, token)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        with suppress(S3Failure):  # what is left of it goes with the store
            bucket.give_up_parts(key, upload)
        raise
    finally:
        pool.shutdown(wait=True)


def _copied(bucket: Bucket, key: str, upload: str, version: Version, size: int, number: int) -> dict[str, Any]:
    start = number * size
    return bucket.copy_part(key, upload, number + 1, version, start, min(size, version.size - start))
