"""The outputs of a finished run, put where the person wants them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from urllib.parse import quote

from toil_core.api.job import FileAccess
from toil_core.errors import UsageError
from toil_cwl.destinations import Destination
from toil_cwl.values import Object, Value, is_directory, plain, ref_of, transform

_TRANSFERS = 16
"""Files written at a time: most of the time of a small one is waiting for the medium, or for a network."""


class Exporter:
    """Exports one output object. A name that is taken gets ``_2`` and so on, so that nothing is lost."""

    def __init__(self, files: FileAccess, outdir: Destination, *, checksums: bool) -> None:
        self._files = files
        self._outdir = outdir
        self._checksums = checksums
        self._taken: dict[PurePosixPath, int] = {}  # and the number that was last tried for a name
        self._placed: dict[tuple[str, PurePosixPath], PurePosixPath] = {}
        self._to_make: list[PurePosixPath] = []
        self._to_write: list[tuple[Object, PurePosixPath]] = []
        self._to_measure: list[tuple[Object, Object, PurePosixPath]] = []

    def export(self, value: Value) -> Value:
        """The value with every file in the output folder. Raises ``UsageError`` before anything is
        written for a name that would leave the folder."""
        exported = transform(value, lambda one: self._place(one, PurePosixPath()))
        for folder in self._to_make:
            self._outdir.make(folder)
        with ThreadPoolExecutor(_TRANSFERS) as pool:
            for _ in pool.map(lambda task: self._write(*task), self._to_write):
                pass  # what one of them raised is raised here
        for shown, original, path in self._to_measure:
            self._measure(shown, original, path)
        return exported

    def _place(self, value: Object, folder: PurePosixPath) -> Object:
        if is_directory(value):
            return self._directory(value, folder)
        name = _name(value)
        known = (str(value.get("location", value.get("contents"))), folder / name)
        path = self._placed.get(known)
        if path is None:
            path = self._free(folder, name)
            self._to_write.append((value, path))
            self._placed[known] = path
        shown = self._shown(value, path)
        if "location" not in value:
            shown.pop("contents", None)
        self._to_measure.append((shown, value, path))
        if "secondaryFiles" in value:
            shown["secondaryFiles"] = [self._place(item, folder) for item in value["secondaryFiles"]]
        return shown

    def _measure(self, shown: Object, original: Object, path: PurePosixPath) -> None:
        shown.pop("checksum", None)
        if self._checksums:
            shown["checksum"] = original.get("checksum") or self._outdir.checksum(path)
        shown["size"] = self._outdir.size(path)

    def _directory(self, value: Object, folder: PurePosixPath) -> Object:
        path = self._free(folder, _name(value))
        self._to_make.append(path)
        listing = value.get("listing")
        if listing is None:
            listing = self._listed(value["location"])
        shown = self._shown(value, path)
        shown["listing"] = [self._place(item, path) for item in listing]
        return shown

    def _listed(self, location: str) -> list[Object]:
        found: list[Object] = []
        base = location.rstrip("/")
        for name in self._files.list_url(location):
            kind = "Directory" if name.endswith("/") else "File"
            plain_name = name.rstrip("/")
            found.append({"class": kind, "basename": plain_name, "location": f"{base}/{quote(plain_name)}"})
        return found

    def _write(self, value: Object, path: PurePosixPath) -> None:
        location = value.get("location", "")
        ref = ref_of(location)
        if ref is None and location and not location.startswith("_:"):
            ref = self._files.import_url(location)
        if ref is not None:
            self._outdir.put(ref, path)
        else:
            self._outdir.put_text(value.get("contents", ""), path)

    def _shown(self, value: Object, path: PurePosixPath) -> Object:
        shown = plain(value)
        shown.update(self._outdir.shown(path))
        return shown

    def _free(self, folder: PurePosixPath, name: str) -> PurePosixPath:
        wanted = path = folder / name
        number = self._taken.get(wanted, 1)
        while path in self._taken:
            number += 1
            path = folder / f"{name}_{number}"
        self._taken[wanted] = number
        self._taken[path] = self._taken.get(path, 1)
        return path


def _name(value: Object) -> str:
    name = str(value.get("basename") or value.get("location", "").rpartition("/")[2])
    if not name or "/" in name or name in (".", ".."):
        raise UsageError(f'An output is named "{name}", which would leave the output folder')
    return name
