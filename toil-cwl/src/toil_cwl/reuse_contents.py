"""Files and directories named by what is in them, wherever they lie."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from toil_core.files.local_checksums import LocalChecksums
from toil_core.model.file import FileRef
from toil_cwl.values import Object, Value, is_directory, location_of, plain, ref_of, transform

_WHERE = ("location", "path", "checksum", "size", "contents", "listing", "secondaryFiles")
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MADE = "made:"
_GIVEN = "given:"


class Unnameable(Exception):
    """A value holds a file whose content cannot be told: there is nothing to name it by."""


class Contents:
    """What goes into one run of a tool, named by content; and what comes out, in terms of that.

    An output that is an input handed through is known by its place among the inputs: those of a later
    run that have the same name have equal contents at the same places.
    With ``keeps_checksums`` a File also counts by the checksum it shows, for expressions that ask.
    """

    def __init__(
        self, checksums: LocalChecksums, here: Callable[[FileRef], Path], *, keeps_checksums: bool = False
    ) -> None:
        """``here`` tells a path on this node of a stored file."""
        self._checksums = checksums
        self._here = here
        self._keeps_checksums = keeps_checksums
        self._given: list[str] = []
        self._numbers: dict[str, int] = {}

    def named(self, value: Value) -> Value:
        """The value with every file by its checksum, size and names, and every directory by its listing.

        Raises ``Unnameable``.
        """
        return transform(value, self._named)

    def packed(self, outputs: Value) -> tuple[Value, list[FileRef]]:
        """A tool's output object with files by number, and those that the tool made. Raises ``Unnameable``."""
        made: list[FileRef] = []

        def pack(location: str) -> str:
            if not _is_somewhere(location):
                return location
            number = self._numbers.get(location)
            if number is not None:
                return f"{_GIVEN}{number}"
            ref = ref_of(location)
            if ref is None or not ref.checksum:
                raise Unnameable(location)
            made.append(ref)
            return f"{_MADE}{len(made) - 1}"

        return transform(outputs, lambda one: _relocated(one, pack)), made

    def unpacked(self, outputs: Value, made: Sequence[FileRef]) -> Value:
        """The reverse of ``packed``, with files of this run. Locations that are mere names are new ones:
        the same result may be taken twice in a run."""
        renamed: dict[str, str] = {}

        def unpack(location: str) -> str:
            if not _is_somewhere(location):
                return renamed.setdefault(location, _UUID.sub(lambda _: str(uuid.uuid4()), location))
            kind, _, number = location.partition(":")
            return self._given[int(number)] if f"{kind}:" == _GIVEN else location_of(made[int(number)])

        return transform(outputs, lambda one: _relocated(one, unpack))

    def _named(self, one: Object) -> Object:
        location = str(one.get("location", ""))
        kept = {key: item for key, item in plain(one).items() if key not in _WHERE}
        if location.startswith("_:") and kept.get("basename") == location[2:]:
            del kept["basename"]  # a random one, for want of another
        if _is_somewhere(location):
            self._remember(location)
        if is_directory(one):
            listing = _listed(_path(location), ()) if _is_somewhere(location) else one.get("listing", ())
            kept["listing"] = [self._named(item) for item in listing]
            return kept
        if _is_somewhere(location):
            kept["content"] = self._content(location)
        else:
            kept["contents"] = one.get("contents", "")
        if self._keeps_checksums:
            kept["checksum"] = one.get("checksum")
        if one.get("secondaryFiles"):
            kept["secondaryFiles"] = [self._named(item) for item in one["secondaryFiles"]]
        return kept

    def _remember(self, location: str) -> None:
        number = len(self._given)
        self._given.append(location)
        self._numbers.setdefault(location, number)
        if location.startswith("file:"):  # as the outputs of a tool name it
            self._numbers.setdefault("file://" + quote(os.fsencode(os.path.realpath(_path(location)))), number)

    def _content(self, location: str) -> tuple[str, int, bool]:
        ref = ref_of(location)
        if ref is not None and ref.checksum:
            return ref.checksum, ref.size, ref.executable
        if ref is not None:
            return *self._checksums.of_stored(ref, self._here), ref.executable
        path = _path(location)
        try:
            return *self._checksums.of(path), bool(os.stat(path).st_mode & 0o100)
        except OSError as error:
            raise Unnameable(location) from error


def _relocated(one: Object, place: Callable[[str], str]) -> Object:
    """A File or Directory with every location in it replaced."""
    kept = dict(one)
    if "location" in one:
        kept["location"] = place(str(one["location"]))
    for field in ("listing", "secondaryFiles"):
        if field in one:
            kept[field] = [_relocated(item, place) for item in one[field]]
    return kept


def _listed(path: str, above: tuple[str, ...]) -> Iterator[Object]:
    """The directory as a listing, by names; links are followed. Raises ``Unnameable``."""
    real = os.path.realpath(path)
    if real in above:
        raise Unnameable(path)
    try:
        with os.scandir(path) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise Unnameable(path) from error
    for entry in entries:
        if entry.is_dir():
            listing = list(_listed(entry.path, (*above, real)))
            yield {"class": "Directory", "basename": entry.name, "listing": listing}
        else:
            location = "file://" + quote(os.fsencode(entry.path))
            yield {"class": "File", "basename": entry.name, "location": location}


def _is_somewhere(location: str) -> bool:
    return bool(location) and not location.startswith("_:")


def _path(location: str) -> str:
    if not location.startswith("file:"):
        raise Unnameable(location)
    return os.fsdecode(unquote_to_bytes(urlsplit(location).path))
