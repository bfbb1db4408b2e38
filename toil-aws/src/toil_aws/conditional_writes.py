"""Finding out whether a server carries out conditional writes, by letting some race.

Job stores rest on them. There are servers that answer 501, servers that take no notice of the
condition, and servers that look first and write then, so that two writers may both be told that they won.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from toil_aws.bucket import Bucket
from toil_aws.failure import UNSUPPORTED, S3Failure

PROBES = "toil-probe/"
"""Where the objects are that are written to find out."""
_RACERS = 8
_RACES = 3


class NoConditionalWrites(Exception):
    """The server lacks them; ``args[0]`` says how that was seen."""


def probe(bucket: Bucket) -> None:
    """Raises ``NoConditionalWrites``, ``S3Failure``. What it writes it removes, unless it raises."""
    keys = [f"{PROBES}{uuid.uuid4().hex}" for _ in range(_RACES)]
    with ThreadPoolExecutor(_RACERS) as pool:
        for key in keys:
            start = threading.Barrier(_RACERS)
            won = sum(pool.map(partial(_race, bucket, key, start), range(_RACERS)))
            if won != 1:
                raise NoConditionalWrites(f"of {_RACERS} writers of one object {won} were told that they were first")
    bucket.delete(keys)


def put_conditionally(bucket: Bucket, key: str, content: bytes) -> bool:
    """``Bucket.put_new`` on a server that may not know conditions. Raises ``NoConditionalWrites``."""
    try:
        return bucket.put_new(key, content)
    except S3Failure as failure:
        if failure.code in UNSUPPORTED:
            raise NoConditionalWrites("it says that they are not implemented") from failure
        raise


def _race(bucket: Bucket, key: str, start: threading.Barrier, racer: int) -> bool:
    start.wait()
    return put_conditionally(bucket, key, str(racer).encode())
