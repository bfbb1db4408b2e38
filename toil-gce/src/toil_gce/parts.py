"""Putting a long file in parts, sent in parallel, that the service then puts together.

A single stream to the service is slower than the network of most machines in the cloud. The parts are
objects of their own, whose names no key of a job store has; they are removed when the object is there, or
given up, and with the store if their writer was killed. The object is seen at once and whole, under the
same condition as any other.

https://cloud.google.com/storage/docs/composite-objects
"""

from __future__ import annotations

import contextlib
import uuid
from concurrent.futures import ThreadPoolExecutor

from toil_gce.door.objects import Objects, in_base64
from toil_gce.file_slice import FileSlice
from toil_gce.many import for_each
from toil_gce.refusal import Refusal
from toil_gce.resumable import Upload

PREFIX = "toil+parts/"

_SMALLEST_PART = 32 * 1024 * 1024
_MOST_PARTS = 8
_AT_ONCE = 4


def put_in_parts(objects: Objects, name: str, content: FileSlice, if_absent: bool, metadata: dict[str, str]) -> None:
    """Write an object of several parts. Raises ``Refusal``."""
    parts = content.cut(max(_SMALLEST_PART, -(-len(content) // _MOST_PARTS)))
    token = uuid.uuid4().hex
    names = [f"{PREFIX}{token}/{number}" for number in range(len(parts))]
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            sending = [pool.submit(_send, objects, *one) for one in zip(names, parts, strict=True)]
            try:
                crc32c = content.crc32c()
                for one in sending:
                    one.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        made = objects.compose(name, names, if_absent, metadata)
        if made and made != in_base64(crc32c):
            objects.delete(name)
            raise Refusal(0, "the service put an object together wrongly")
    finally:
        with contextlib.suppress(Refusal):  # they go with the store
            for_each(objects.delete, names)


def _send(objects: Objects, name: str, part: FileSlice) -> None:
    Upload(objects, objects.begin(name, False, {})).send_slice(part)
