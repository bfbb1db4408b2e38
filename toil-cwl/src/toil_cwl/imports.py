"""Inputs that lie elsewhere: brought into the job store before anything runs, so that what is not there
is told at once, and every worker and every restart finds the same content."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from toil_core.api.job import FileAccess
from toil_core.errors import ToilError, UsageError
from toil_cwl.values import Object, Value, is_directory, is_remote, location_of, transform

_TRANSFERS = 8


def imported(inputs: Object, files: FileAccess) -> Object:
    """The inputs with every file of another machine in the job store.

    Raises ``UsageError`` naming the input for what cannot be read.
    """
    wanted: dict[str, str] = {}
    for name, value in inputs.items():
        _gather(value, name, wanted)
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        stored = dict(zip(wanted, pool.map(lambda item: _stored(item[0], item[1], files), wanted.items()), strict=True))
    return {name: transform(value, lambda one: _replaced(one, stored)) for name, value in inputs.items()}


def _gather(value: Value, name: str, wanted: dict[str, str]) -> None:
    def look(one: Object) -> Object:
        location = str(one.get("location", ""))
        if is_remote(location):
            if is_directory(one):
                raise UsageError(f'The input "{name}" is a directory of another machine: {location}', "List its files")
            wanted.setdefault(location, name)
        for item in (*one.get("secondaryFiles", ()), *one.get("listing", ())):
            look(item)
        return one

    transform(value, look)


def _stored(location: str, name: str, files: FileAccess) -> Object:
    try:
        ref = files.import_url(location)
    except ToilError as error:
        raise UsageError(f'The input "{name}" cannot be read: {error.message}', error.cure) from error
    return {"location": location_of(ref), "size": ref.size, "checksum": ref.checksum}


def _replaced(one: Object, stored: dict[str, Object]) -> Object:
    new = {**one, **stored.get(str(one.get("location", "")), {})}
    for field in ("secondaryFiles", "listing"):
        if field in one:
            new[field] = [_replaced(item, stored) for item in one[field]]
    return new
