"""Values as a research object tells of them: data are in its bag, and what one process made has one name."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from os.path import splitext
from urllib.parse import unquote

from cwltool.utils import get_listing

from toil_cwl.door.bag import Bag
from toil_cwl.process_run import ProcessRun
from toil_cwl.values import UPDATES, Object, Value, is_directory, is_file, is_local

_Name = tuple[str, str]  # location and basename


class Artifacts:
    """Puts the data of a run into a bag. ``mask`` takes secrets out of texts."""

    def __init__(self, bag: Bag, mask: Callable[[str], str]) -> None:
        self._bag = bag
        self._mask = mask
        self._made: dict[_Name, str] = {}

    def know(self, run: ProcessRun) -> None:
        """Have the files that a process and its steps made called the same wherever they are used. What a
        tool hands through was made by another, or comes from outside."""
        for step in run.steps:
            self.know(step)
        if run.plan is None:
            taken = {location for location, _ in _named(run.inputs)}
            for name in _named(run.outputs):
                if name[0] not in taken:
                    self._made.setdefault(name, uuid.uuid4().urn)

    def described(self, values: Mapping[str, Value]) -> Object:
        """Inputs or outputs, with their data in the bag. Raises ``OSError`` for a file that is not there."""
        return {name: self._value(value) for name, value in values.items() if name != UPDATES}

    def _value(self, value: Value) -> Value:
        if is_file(value):
            return self._file(value)
        if is_directory(value):
            return self._directory(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return self._mask(value) if isinstance(value, str) else value

    def _file(self, file: Object) -> Object:
        location = str(file.get("location", "_:"))
        checksum = file.get("checksum")
        if location.startswith("_:"):
            checksum = self._bag.checksum_of_text(self._mask(str(file.get("contents", ""))))
        elif not self._bag.has(checksum):
            checksum = self._bag.checksum_of(location)
        name = _basename(file)
        root, extension = splitext(name)
        kept: Object = {field: file[field] for field in ("size", "format") if field in file}
        told: Object = {"class": "File", "basename": name, "nameroot": root, "nameext": extension}
        found: Object = {**told, **kept, "checksum": checksum, "location": name, **self._identity(file)}
        if file.get("secondaryFiles"):
            found["secondaryFiles"] = [self._value(item) for item in file["secondaryFiles"]]
        return found

    def _directory(self, directory: Object) -> Object:
        listing: Sequence[Object] | None = directory.get("listing")
        if listing is None and is_local(str(directory.get("location", ""))):
            read = dict(directory)
            get_listing(self._bag.fsaccess, read, False)
            listing = read["listing"]
        told = {"class": "Directory", "location": "_:", "basename": _basename(directory), **self._identity(directory)}
        return {**told, "listing": [self._value(item) for item in listing or ()]}

    def _identity(self, value: Object) -> Object:
        known = self._made.get(_name(value))
        return {} if known is None else {"@id": known}


def _basename(value: Object) -> str:
    return str(value.get("basename") or unquote(str(value.get("location", "")).rstrip("/").rpartition("/")[2]))


def _name(value: Object) -> _Name:
    return str(value.get("location", "")), _basename(value)


def _named(value: Value) -> Iterator[_Name]:
    """The names of all files and directories in a value that lie somewhere."""
    if isinstance(value, dict):
        if (is_file(value) or is_directory(value)) and value.get("location"):
            yield _name(value)
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
