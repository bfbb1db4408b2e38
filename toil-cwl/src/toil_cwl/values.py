"""CWL values as the engine carries them: JSON, in which a stored file is a ``toil:`` location.

A File keeps its CWL fields; its ``location`` holds the file reference, so that a value means the same
on every machine. A Directory made by a job has a ``listing``, and a location ``_:made-`` that tells it from
others, and from a literal: the listing of a literal is part of what it says, that of a made one is where it lies.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from toil_core.model.file import FileRef
from toil_core.model.ids import JobId
from toil_core.model.wire import decode, encode

Value = Any  # a JSON value of the CWL data model
Object = dict[str, Any]

SCHEME = "toil:"
_MADE = "_:made-"
_PROMISE = "@job"
_ITEM = "@item"
_REST = "@rest"
UPDATES = "@updates"  # beside the outputs of a job; see ``updates``
RUN = "@run"  # the same; see ``records``
RUNS = "@runs"
_DERIVED = ("path", "dirname", "nameroot", "nameext")


def location_of(ref: FileRef) -> str:
    """A stored file's location. It ends in the file's name, as locations do."""
    if ref.is_by_reference:
        return ref.key
    return f"{SCHEME}{quote(json.dumps(encode(ref), separators=(',', ':')), safe='')}/{quote(ref.name)}"


def stored_fields(ref: FileRef) -> Object:
    """The fields of a File that tell of a stored file: ``location``, ``size``, and ``checksum`` if it is known."""
    known = {"checksum": ref.checksum} if ref.checksum else {}
    return {"location": location_of(ref), "size": ref.size, **known}


def ref_of(location: str) -> FileRef | None:
    """The stored file that a location means, or ``None`` for other locations."""
    if not location.startswith(SCHEME):
        return None
    ref: FileRef = decode(FileRef, json.loads(unquote(location[len(SCHEME) :].partition("/")[0])))
    return ref


def made_location() -> str:
    """A location for a Directory whose files are in the job store."""
    return f"{_MADE}{uuid.uuid4()}"


def is_made(directory: Object) -> bool:
    """Whether a Directory's files are in the job store, and its listing only tells where."""
    return str(directory.get("location", "")).startswith(_MADE)


def is_remote(location: str) -> bool:
    """Whether a location is of another machine: ``http://``, ``s3://``."""
    return "://" in location and not location.startswith(("file:", SCHEME))


def is_local(location: str) -> bool:
    """Whether a location is a path of the machine it is written on."""
    return location.startswith("file:")


def is_file(value: Value) -> bool:
    """Whether a value is a File object."""
    return isinstance(value, dict) and value.get("class") == "File"


def is_directory(value: Value) -> bool:
    """Whether a value is a Directory object."""
    return isinstance(value, dict) and value.get("class") == "Directory"


def transform(value: Value, change: Callable[[Object], Object]) -> Value:
    """A copy of a value with every outermost File and Directory replaced by what ``change`` returns."""
    if is_file(value) or is_directory(value):
        return change(value)
    if isinstance(value, dict):
        return {key: transform(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [transform(item, change) for item in value]
    return value


def plain(file: Object) -> Object:
    """A File or Directory without the fields that follow from others or from where it lies."""
    return {key: item for key, item in file.items() if key not in _DERIVED}


def trim_listings(value: Value) -> Value:
    """A copy without the listings of directories that lie somewhere: they are read again where asked for."""

    def trim(one: Object) -> Object:
        kept = {key: trim_listings(item) for key, item in one.items()}
        if is_directory(one) and "location" in one and not str(one["location"]).startswith("_:"):
            kept.pop("listing", None)
        return kept

    return transform(value, trim)


def promise(job: JobId, **more: Value) -> str:
    """The value of a job whose outputs are those of another job."""
    return json.dumps({_PROMISE: job, **more})


def item_and_rest(item: JobId, rest: JobId | None) -> str:
    """The value of a job whose outputs are lists: of those of ``item``, and behind them those that ``rest`` lists."""
    return json.dumps({_ITEM: item, _REST: rest})


def promised(value: Object) -> list[str]:
    """The jobs that the value of a job promises the outputs of, in order."""
    return [str(value[name]) for name in (_PROMISE, _ITEM, _REST) if value.get(name) is not None]


def outputs_of(job: str, values: Mapping[JobId, str]) -> Object:
    """A job's output object, through every promise."""
    items: list[Object] = []
    following: str | None = job
    while following is not None:
        found: Object = json.loads(values[JobId(following)])
        if _PROMISE in found:
            following = found[_PROMISE]
        elif _ITEM in found:
            items.append(outputs_of(found[_ITEM], values))
            following = found[_REST]
        else:
            found.pop(RUN, None)
            return found
    names = dict.fromkeys(name for item in items for name in item if name != UPDATES)
    listed: Object = {name: [item.get(name) for item in items] for name in names}
    updates = {location: new for item in items for location, new in item.get(UPDATES, {}).items()}
    return {**listed, UPDATES: updates} if updates else listed
