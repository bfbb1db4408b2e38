"""Loaded documents of this process, so that warm workers, which are forked, need not load them again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from toil_core.api.job import FileAccess
from toil_core.model.file import FileRef
from toil_core.model.wire import decode, encode
from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.positions import Positions
from toil_cwl.sealing import seal, unseal
from toil_cwl.values import Object


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document in this process, the options it was loaded with, the run's secrets by placeholder, and
    where the job order gives inputs, which only the process that read it knows."""

    document: door.Document
    options: CwlOptions
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    positions: Positions = field(default_factory=dict)


GENERATOR = "generator"
"""Where a path goes on into a generator of processes: to the process that makes the other one."""

_loaded: dict[str, Loaded] = {}


def store(loaded: Loaded, files: FileAccess, places: Mapping[str, Object]) -> str:
    """Put everything a worker elsewhere needs to load the document into the job store; its key.

    ``places``: what stands for files and directories that the document names, by their locations.
    """
    document = loaded.document
    door.relocate(document.root, places)
    sealed, seal_key = seal(loaded.secrets) if loaded.secrets else ("", "")
    kept = {
        "secrets": sealed,
        "uri": document.uri,
        "amendments": document.amendments,
        "texts": document.texts,
        "options": _plain(loaded.options),
        "places": places,
    }
    ref = files.write_bytes(json.dumps(kept).encode(), name="document.json")
    key = json.dumps([encode(ref), seal_key])
    _loaded[key] = loaded
    return key


def loaded(key: str, files: FileAccess) -> Loaded:
    """The document stored under ``key``, loaded once a process."""
    found = _loaded.get(key)
    if found is None:
        place, seal_key = json.loads(key)
        ref: FileRef = decode(FileRef, place)
        with files.open(ref) as stream:
            kept = json.loads(stream.read())
        options = _options(kept["options"])
        document = door.load_document(kept["uri"], options, kept["amendments"], kept["texts"])
        door.relocate(document.root, kept["places"])
        found = Loaded(document, options, unseal(kept["secrets"], seal_key) if seal_key else {})
        _loaded[key] = found
    return found


def process_at(root: door.Process, path: Sequence[str]) -> door.Process:
    """The process that the step at ``path``, from the root process down, runs; the root for no path."""
    for name in path:
        is_generator = door.process_class(root) == "ProcessGenerator"
        root = door.step_tool(root if is_generator else step_named(root, name))
    return root


def step_named(workflow: door.Process, name: str) -> door.Step:
    """A workflow's step by its short name."""
    return next(step for step in door.steps(workflow) if short(str(step.tool["id"])) == name)


def short(identifier: str) -> str:
    """The last part of an identifier: ``file:///x.cwl#main/step/in`` is ``in``."""
    return identifier.rpartition("#")[2].rpartition("/")[2]


def _plain(options: CwlOptions) -> dict[str, Any]:
    found = {one.name: getattr(options, one.name) for one in fields(options)}
    return {name: str(value) if isinstance(value, Path) else value for name, value in found.items()}


def _options(plain: dict[str, Any]) -> CwlOptions:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    for one in fields(CwlOptions):
        if one.type == "Path | None":
            values[one.name] = Path(values[one.name]) if values[one.name] else None
    return CwlOptions(**values)
