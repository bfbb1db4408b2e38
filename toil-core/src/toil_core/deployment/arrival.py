"""A run's code at a worker: fetched, unpacked once a node, and importable."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from toil_core.api.job import JobFailure
from toil_core.api.storage import Storage
from toil_core.deployment import stand_in
from toil_core.deployment.abi import abi_here
from toil_core.deployment.archive import unpack
from toil_core.deployment.node_folders import NodeFolders, node_folders
from toil_core.model.deployment import CODE, Deployment, Part
from toil_core.model.outcome import FailureKind
from toil_core.model.wire import WireError, decode

_TABLE = "deployment.json"
_arrived: dict[str, list[str]] = {}
"""The folders to import from, by the deployments that this process has taken in."""


def arrive(key: str, storage: Storage) -> None:
    """Have what a deployment holds, and this environment lacks, be what this process imports.

    A distribution of another version than the one sent gives way to it. Raises ``JobFailure`` for
    code that cannot run here, ``StorageError`` and what the storage raises.
    """
    if key not in _arrived:
        _arrived[key] = _taken_in(key, storage)
    sys.path[:0] = [path for path in _arrived[key] if path not in sys.path]  # jobs before may have changed it
    importlib.invalidate_caches()


def _taken_in(key: str, storage: Storage) -> list[str]:
    folders = node_folders()
    deployment = _deployment(key, storage, folders)
    paths: list[str] = []
    script = deployment.script
    for part in _lacking(deployment.parts):
        place = _unpacked(part.key, storage, folders)
        paths += [os.path.join(place, folder) if folder else str(place) for folder in part.folders]
        if not part.name:
            script = _placed(script, place)
    if script:
        stand_in.use(script)
    return paths


def _deployment(key: str, storage: Storage, folders: NodeFolders) -> Deployment:
    def fetch(folder: Path) -> None:
        with storage.get(key) as source:
            (folder / _TABLE).write_bytes(source.read())

    content = (folders.folder(key.removeprefix(CODE), fetch) / _TABLE).read_text()
    try:
        deployment: Deployment = decode(Deployment, json.loads(content))
    except (WireError, ValueError) as error:
        raise JobFailure(f"the table of the run's code is damaged: {error}", FailureKind.PERMANENT) from error
    return deployment


def _unpacked(key: str, storage: Storage, folders: NodeFolders) -> Path:
    def fetch(folder: Path) -> None:
        with storage.get(key) as source:
            unpack(source, folder)

    return folders.folder(key.removeprefix(CODE), fetch)


def _lacking(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        here = _installed(part.name) if part.name else ""
        if here and here == part.version:
            continue
        if part.abi in ("", abi_here()):
            yield part
        elif here:
            print(f"{part.name} {here} is used: {part.version} was sent, for {part.abi}", file=sys.stderr)
        else:
            what = f"{part.name} {part.version}" if part.name else "compiled code of the workflow"
            raise JobFailure(
                f"{what} was sent for {part.abi}, and this worker is {abi_here()}: "
                "have workers with the leader's Python and platform, or install it there",
                FailureKind.PERMANENT,
            )


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _placed(script: str, place: Path) -> str:
    """A script's name on this machine, of its name inside the first part."""
    if "/" in script or not script:
        return str(place / script) if script else ""
    module, _, folder = script.partition("@")
    return f"{module}@{place / folder}" if folder else script
