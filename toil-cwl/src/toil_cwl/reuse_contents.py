"""Files and directories named by what is in them, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote_to_bytes, urlsplit

from toil_core.files.local_checksums import Content, LocalChecksums
from toil_core.model.file import FileRef
from toil_cwl.values import Object, Value, is_directory, location_of, plain, ref_of, transform

_WHERE = ("location", "path", "checksum", "size", "contents", "listing", "secondaryFiles")
_MARK = "reuse:"


class Unnameable(Exception):
    """A value holds a file whose content cannot be told: there is nothing to name it by."""


class Contents:
    """Names values by content, and remembers which file of the run or of this machine has which content.

    With ``keeps_checksums`` a File also counts by whether it shows a checksum, for expressions that ask.
    """

    def __init__(self, checksums: LocalChecksums, *, keeps_checksums: bool = False) -> None:
        self._checksums = checksums
        self._keeps_checksums = keeps_checksums
        self.given: dict[Content, FileRef] = {}

    def named(self, value: Value) -> Value:
        """The value with every file by its checksum, size and names, and every directory by its listing.

        Raises ``Unnameable``.
        """
        return transform(value, self._named)

    def packed(self, value: Value) -> tuple[Value, list[FileRef]]:
        """A tool's output object with its files by number, and these files. Raises ``Unnameable``."""
        refs: list[FileRef] = []
        return transform(value, lambda one: self._packed(one, refs)), refs

    def _named(self, one: Object) -> Object:
        location = str(one.get("location", ""))
        kept = {key: item for key, item in plain(one).items() if key not in _WHERE}
        if location.startswith("_:") and kept.get("basename") == location[2:]:
            del kept["basename"]  # a random one, for want of another
        if is_directory(one):
            if _is_somewhere(location):
                kept.setdefault("basename", os.path.basename(_path(location).rstrip("/")))
                kept["listing"] = [self._named(item) for item in _listed(_path(location), ())]
            else:
                kept["listing"] = [self._named(item) for item in one.get("listing", ())]
            return kept
        if _is_somewhere(location):
            ref = self._ref(location)
            self.given.setdefault((ref.checksum, ref.size), ref)
            kept.setdefault("basename", ref.name)
            kept["content"] = [ref.checksum, ref.size, ref.executable]
        else:
            kept["contents"] = one.get("contents", "")
        if self._keeps_checksums:
            kept["shown"] = one.get("checksum")
        if one.get("secondaryFiles"):
            kept["secondaryFiles"] = [self._named(item) for item in one["secondaryFiles"]]
        return kept

    def _packed(self, one: Object, refs: list[FileRef]) -> Object:
        location = str(one.get("location", ""))
        kept = dict(one)
        if is_directory(one) and _is_somewhere(location):  # one that is handed through
            del kept["location"]
            kept["listing"] = [self._packed(item, refs) for item in _listed(_path(location), ())]
        elif is_directory(one):
            kept["listing"] = [self._packed(item, refs) for item in one.get("listing", ())]
        elif _is_somewhere(location):
            kept["location"] = f"{_MARK}{len(refs)}"
            refs.append(self._ref(location))
        if "secondaryFiles" in one:
            kept["secondaryFiles"] = [self._packed(item, refs) for item in one["secondaryFiles"]]
        return kept

    def _ref(self, location: str) -> FileRef:
        ref = ref_of(location)
        if ref is None:
            path = _path(location)
            try:
                checksum, size = self._checksums.of(path)
                executable = bool(os.stat(path).st_mode & 0o100)
            except OSError as error:
                raise Unnameable(location) from error
            ref = FileRef(location, size, checksum, None, os.path.basename(path), executable)
        elif not ref.checksum:
            raise Unnameable(location)
        return ref


def unpacked(value: Value, files: Sequence[FileRef]) -> Value:
    """The reverse of ``Contents.packed``, with files of this run."""

    def placed(one: Object) -> Object:
        kept = dict(one)
        location = str(one.get("location", ""))
        if location.startswith(_MARK):
            kept["location"] = location_of(files[int(location[len(_MARK) :])])
        for field in ("listing", "secondaryFiles"):
            if field in one:
                kept[field] = [placed(item) for item in one[field]]
        return kept

    return transform(value, placed)


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
            yield {"class": "File", "basename": entry.name, "location": "file://" + quote(os.fsencode(entry.path))}


def _is_somewhere(location: str) -> bool:
    return bool(location) and not location.startswith("_:")


def _path(location: str) -> str:
    if not location.startswith("file:"):
        raise Unnameable(location)
    return os.fsdecode(unquote_to_bytes(urlsplit(location).path))
