"""Objects that the service copies by itself, whatever their length.

https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from toil_core.errors import NoSuchUrl
from toil_gce.door.objects import Objects, Version
from toil_gce.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Original:
    """What is to be copied: a name in a bucket, whose ``objects`` are asked for by the project that is named,
    or by none."""

    url: str
    name: str
    objects: Callable[[str], Objects]


def copy_object(original: Original, objects: Objects, name: str, payer: str) -> int | None:
    """Write an object with the content of another one, and tell its length; nothing is visible before all of
    it is there. ``None``, with nothing written, if the service refuses to, or the other has been replaced.

    ``payer`` is a project that pays for what is not read for nothing. Raises ``NoSuchUrl``, and ``Refusal``,
    also for a bucket of ``objects`` that is not there.
    """
    paying = ""
    while True:
        try:
            return _copied(original, objects, name, paying)
        except Refusal as refusal:
            if refusal.is_payer_wanted and payer and not paying:
                paying = payer
            elif refusal.is_bucket_missing or refusal.status == 0 or refusal.wait_seconds is not None:
                raise
            else:  # the service has said no, and not merely failed to answer
                return None


def _copied(original: Original, objects: Objects, name: str, payer: str) -> int | None:
    version = _look(original, payer)
    # What is stored packed is unpacked when it is read.
    if version.encoding == "gzip" or version.key_digest not in ("", objects.key_digest):
        return None
    token = ""
    while True:
        so_far = objects.rewrite(name, version, token, payer)
        if so_far.is_done:
            return so_far.size
        token = so_far.token


def _look(original: Original, payer: str) -> Version:
    try:
        return original.objects(payer).version(original.name)
    except Refusal as refusal:
        if refusal.is_missing:
            raise NoSuchUrl(f"There is nothing at {original.url}") from refusal
        raise
