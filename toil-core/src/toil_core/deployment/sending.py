"""Putting a workflow's code into its job store, each part under the hash of its content."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from toil_core.api.storage import Storage
from toil_core.deployment.abi import abi_here
from toil_core.deployment.archive import identity, pack
from toil_core.deployment.collecting import Collected
from toil_core.deployment.distributions import Installed
from toil_core.deployment.own_files import SentFile
from toil_core.errors import NoSuchObject
from toil_core.model.deployment import CODE, Deployment, Part
from toil_core.model.units import format_bytes
from toil_core.model.wire import encode

DISTRIBUTION_BYTES = 512 * 1024**2
"""A distribution is sent up to this size: what is larger belongs into the workers' environment."""

_NAMED = 3
_TOLD_BYTES = 10 * 1024**2
_log = logging.getLogger("toil")


def send(collected: Collected, storage: Storage) -> Sequence[str]:
    """Put what is not there already; the keys, that of the ``Deployment`` first."""
    return _Sender(storage).send(collected)


class _Sender:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._bytes = 0

    def send(self, collected: Collected) -> Sequence[str]:
        own = collected.own
        parts = [self._part(own.files, Part("", own.folders))] if own.files else []
        parts += self._distributions(collected.distributions)
        for why in dict.fromkeys(one.why for one in collected.left_out):
            paths = [one.path for one in collected.left_out if one.why == why]
            _log.warning("Not sent to workers, being %s: %s", why, _some(paths))
        if collected.like_pythons:
            named = _some(collected.like_pythons)
            _log.warning("Named like modules of Python, which workers may take instead; better rename: %s", named)
        if self._bytes >= _TOLD_BYTES:
            _log.info("%s of code are in the job store now, for workers that lack it", format_bytes(self._bytes))
        content = json.dumps(encode(Deployment(own.script, tuple(parts)))).encode()
        key = CODE + hashlib.sha256(content).hexdigest()
        self._storage.put(key, content)
        return [key, *(part.key for part in parts)]

    def _distributions(self, found: Sequence[Installed]) -> Iterator[Part]:
        too_large = []
        for one in found:
            files = tuple(one.files())
            if sum(os.path.getsize(file.path) for file in files) > DISTRIBUTION_BYTES:
                too_large.append(f"{one.name} {one.version}")
            elif files:
                yield self._part(files, Part("", name=one.name, version=one.version))
        if too_large:
            limit = format_bytes(DISTRIBUTION_BYTES)
            _log.warning("Not sent to workers, which must have them, being larger than %s: %s", limit, _some(too_large))

    def _part(self, files: Sequence[SentFile], part: Part) -> Part:
        """The part, of which an archive is there now."""
        key = CODE + identity(files)
        try:
            self._storage.size(key)
        except NoSuchObject:
            packed = pack(files)
            key = CODE + packed.identity  # another one if files have been edited meanwhile
            with packed.stream as archive:
                self._bytes += archive.seek(0, os.SEEK_END)
                archive.seek(0)
                self._storage.put(key, archive)  # type: ignore[arg-type]  # a binary stream but in name
        is_compiled = any(file.is_compiled for file in files)
        return replace(part, key=key, abi=abi_here() if is_compiled else "")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
