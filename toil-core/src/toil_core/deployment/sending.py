"""Putting a workflow's code into its job store, each part under the hash of its content."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence

from toil_core.api.storage import Storage
from toil_core.deployment.abi import abi_here
from toil_core.deployment.archive import identity, pack
from toil_core.deployment.collecting import Collected
from toil_core.deployment.distributions import Installed
from toil_core.deployment.own_files import DATA_BYTES, SentFile
from toil_core.errors import NoSuchObject
from toil_core.model.deployment import CODE, Deployment, Part
from toil_core.model.units import format_bytes
from toil_core.model.wire import encode

DISTRIBUTION_BYTES = 512 * 1024**2
"""A distribution is sent up to this size: what is larger belongs into the workers' environment."""

_NAMED = 3
_log = logging.getLogger("toil")


def send(collected: Collected, storage: Storage) -> Sequence[str]:
    """Put what is not there already; the keys, that of the ``Deployment`` first."""
    own = collected.own
    parts: list[Part] = []
    if own.files:
        key, abi = _put(own.files, storage)
        parts.append(Part(key, own.folders, abi=abi))
    parts += _distributions(collected.distributions, storage)
    if collected.left_out:
        limit = f"files of more than {format_bytes(DATA_BYTES)} that are no code"
        _log.warning("Not sent to workers, being %s: %s", limit, _some(collected.left_out))
    content = json.dumps(encode(Deployment(own.script, tuple(parts)))).encode()
    key = CODE + hashlib.sha256(content).hexdigest()
    storage.put(key, content)
    return [key, *(part.key for part in parts)]


def _distributions(found: Sequence[Installed], storage: Storage) -> Iterator[Part]:
    too_large = []
    for one in found:
        files = tuple(one.files())
        if sum(os.path.getsize(file.path) for file in files) > DISTRIBUTION_BYTES:
            too_large.append(f"{one.name} {one.version}")
        elif files:
            key, abi = _put(files, storage)
            yield Part(key, name=one.name, version=one.version, abi=abi)
    if too_large:
        limit = format_bytes(DISTRIBUTION_BYTES)
        _log.warning("Not sent to workers, which must have them, being larger than %s: %s", limit, _some(too_large))


def _put(files: Sequence[SentFile], storage: Storage) -> tuple[str, str]:
    """The key of an archive of the files, which is there now, and what its compiled code was made for."""
    key = CODE + identity(files)
    try:
        storage.size(key)
    except NoSuchObject:
        with pack(files) as archive:
            storage.put(key, archive)  # type: ignore[arg-type]  # a binary stream but in name
    return key, abi_here() if any(file.is_compiled for file in files) else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
