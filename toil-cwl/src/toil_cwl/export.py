"""The outputs of a finished run, put where the person wants them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

from toil_core.api.job import FileAccess
from toil_core.errors import UsageError
from toil_cwl.values import Object, Value, is_directory, plain, ref_of, transform


class Exporter:
    """Exports one output object. A name that is taken gets ``_2`` and so on, so that nothing is lost."""

    def __init__(self, files: FileAccess, outdir: Path, *, checksums: bool) -> None:
        self._files = files
        self._outdir = outdir
        self._checksums = checksums
        self._names: set[Path] = set()
        self._exported: dict[tuple[str, Path], Path] = {}

    def export(self, value: Value) -> Value:
        """The value with every file in the output folder."""
        return transform(value, lambda one: self._place(one, self._outdir))

    def _place(self, value: Object, folder: Path) -> Object:
        if is_directory(value):
            return self._directory(value, folder)
        known = (str(value.get("location", value.get("contents"))), folder)
        path = self._exported.get(known)
        if path is None:
            path = self._free(folder, _name(value))
            self._write(value, path)
            self._exported[known] = path
        shown = self._shown(value, path)
        shown.pop("contents", None) if "location" not in value else None
        if self._checksums and path.is_file():
            shown["checksum"] = value.get("checksum") or _sha1(path)
        else:
            shown.pop("checksum", None)
        shown["size"] = path.stat().st_size
        if "secondaryFiles" in value:
            shown["secondaryFiles"] = [self._place(item, folder) for item in value["secondaryFiles"]]
        return shown

    def _directory(self, value: Object, folder: Path) -> Object:
        path = self._free(folder, _name(value))
        path.mkdir(parents=True, exist_ok=True)
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

    def _write(self, value: Object, path: Path) -> None:
        location = value.get("location", "")
        ref = ref_of(location)
        if ref is None and location and not location.startswith("_:"):
            ref = self._files.import_url(location)
        if ref is not None:
            self._files.export(ref, path.as_uri(), move=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value.get("contents", ""))

    def _shown(self, value: Object, path: Path) -> Object:
        shown = plain(value)
        shown.update(location=path.as_uri(), path=str(path), basename=path.name)
        return shown

    def _free(self, folder: Path, name: str) -> Path:
        path = folder / name
        number = 2
        while path in self._names:
            path = folder / f"{name}_{number}"
            number += 1
        self._names.add(path)
        return path


def _name(value: Object) -> str:
    name = str(value.get("basename") or value.get("location", "").rpartition("/")[2])
    if not name or "/" in name or name in (".", ".."):
        raise UsageError(f'An output is named "{name}", which would leave the output folder')
    return name


def _sha1(path: Path) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return f"sha1${digest.hexdigest()}"
