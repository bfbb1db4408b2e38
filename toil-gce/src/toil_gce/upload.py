"""Putting objects, of any length, in bounded memory: by one request, by a resumable upload, or in parts.

Either way the object is seen whole or not at all, and the service compares its checksum before it is seen.
With ``if_absent`` an object bears a token, so that a writer whose answer was lost knows its own object when
it tries again.
"""

from __future__ import annotations

import io
import uuid
from typing import BinaryIO

from toil_gce.door.objects import LONGEST_PUT, Objects
from toil_gce.file_slice import rest_of
from toil_gce.parts import put_in_parts
from toil_gce.refusal import Refusal
from toil_gce.resumable import FIRST_CHUNK, Upload, read_all

TOKEN = "toil-put"
"""The name of the token among an object's metadata."""

_LONG = 64 * 1024 * 1024


def put_object(
    objects: Objects,
    name: str,
    content: bytes | BinaryIO,
    *,
    if_absent: bool = False,
    metadata: dict[str, str] | None = None,
    in_parts: bool = False,
) -> None:
    """Write an object. ``in_parts``: a long file may be sent as several, which are left if we are killed.

    Raises ``Refusal``, with ``if_absent`` one that ``is_precondition`` if there is one already; errors of
    the stream pass through, and nothing was written then.
    """
    facts = dict(metadata or {})
    if if_absent:
        facts[TOKEN] = uuid.uuid4().hex
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    try:
        if isinstance(content, bytes) and len(content) <= LONGEST_PUT:
            objects.put(name, content, if_absent, facts)
        elif rest := rest_of(stream, FIRST_CHUNK):
            if in_parts and len(rest) >= _LONG:
                put_in_parts(objects, name, rest, if_absent, facts)
            else:
                Upload(objects, objects.begin(name, if_absent, facts)).send_slice(rest)
        elif len(first := read_all(stream, FIRST_CHUNK)) < FIRST_CHUNK:
            objects.put(name, first, if_absent, facts)
        else:
            Upload(objects, objects.begin(name, if_absent, facts)).send(first, stream)
    except Refusal as refusal:
        if not (if_absent and refusal.is_precondition and _is_ours(objects, name, facts[TOKEN])):
            raise


def _is_ours(objects: Objects, name: str, token: str) -> bool:
    try:
        return objects.facts(name).metadata.get(TOKEN) == token
    except Refusal as refusal:
        if refusal.is_missing:
            return False
        raise
