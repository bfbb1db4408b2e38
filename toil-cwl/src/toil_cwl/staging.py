"""Files of one tool run: stored ones made local before, local ones stored after."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from toil_core.api.job import FileAccess, JobFailure
from toil_core.model.outcome import FailureKind
from toil_cwl.values import (
    Object,
    Value,
    is_directory,
    is_made,
    is_remote,
    location_of,
    made_location,
    plain,
    ref_of,
    stored_fields,
    transform,
)


class Staging:
    """Knows for each local path of an input which value it came from, so that a tool that hands an
    input through does not store it again."""

    def __init__(self, files: FileAccess, folder: Path) -> None:
        self._files = files
        self._folder = folder
        self._real_folder = os.path.realpath(folder)
        self._origins: dict[str, str] = {}
        self._directories: list[str] = []
        self._built_of: dict[str, str] = {}  # the locations of made directories, by their paths here
        self._stored_at: dict[str, Object] = {}

    def localized(self, value: Value) -> Value:
        """The value with every stored file and directory at a path of this machine."""
        return transform(value, self._local)

    def allow(self, locations: Sequence[str]) -> None:
        """Have these local files and directories, which the document names, treated as inputs."""
        for location in locations:
            if location.startswith("file:"):
                real = os.path.realpath(_path(location))
                if os.path.isdir(real):
                    self._directories.append(real)
                else:
                    self._origins[real] = location

    def stored(self, value: Value, outdir: Path) -> Value:
        """A tool's output with every file below ``outdir`` in the job store.

        Raises ``JobFailure`` for a path that is neither below ``outdir`` nor an input's.
        """
        real = os.path.realpath(outdir)
        return transform(value, lambda one: self._store(one, real))

    def updates(self, updated: Sequence[tuple[str, Object]], outdir: Path) -> Mapping[str, Object]:
        """What a tool updated, stored: the new values by the locations of those that came in."""
        found: dict[str, Object] = {}
        for old, new in updated:
            path = _path(old)
            is_here = old.startswith("file:")
            origin = (self._origins.get(os.path.realpath(path)) or self._built_of.get(path)) if is_here else None
            found[origin or old] = self.stored(new, outdir)
        return found

    def _local(self, value: Object) -> Object:
        local = dict(value)
        if is_directory(value):
            is_literal = str(value.get("location", "_:")).startswith("_:") and not is_made(value)
            if is_made(value) or (is_literal and _is_stored(value)):
                path = self._built(value)
                self._built_of[path] = value.get("location", "")
                local["location"] = _uri(path)
                listing = local.pop("listing", ())
                if is_literal:
                    local["listing"] = [_below(item, path) for item in listing]
            elif not is_literal:
                self._directories.append(os.path.realpath(_path(value["location"])))
            return local
        location = value.get("location", "")
        # Only a default of a document can be remote here: inputs have been imported.
        ref = self._files.import_url(location) if is_remote(location) else ref_of(location)
        if ref is not None:
            path = str(self._files.local_path(ref))
            local["location"] = _uri(path)
            self._origins[os.path.realpath(path)] = location_of(ref)
        elif value.get("location", "").startswith("file:"):
            self._origins[os.path.realpath(_path(value["location"]))] = value["location"]
        if "secondaryFiles" in value:
            local["secondaryFiles"] = [self._local(item) for item in value["secondaryFiles"]]
        return local

    def _built(self, directory: Object) -> str:
        top = self._folder / f"dir-{uuid.uuid4().hex[:8]}" / directory["basename"]
        self._build(directory, top)
        return str(top)

    def _build(self, directory: Object, path: Path) -> None:
        path.mkdir(parents=True)
        for item in directory.get("listing", ()):
            target = path / item["basename"]
            if is_directory(item) and "listing" in item:
                self._build(item, target)
                continue
            ref = ref_of(item.get("location", ""))
            if ref is not None:
                self._files.read(ref, target)
                self._origins[os.path.realpath(target)] = item["location"]
            elif "contents" in item:
                target.write_text(item["contents"])
            else:
                target.symlink_to(_path(item["location"]))

    def _store(self, value: Object, outdir: str) -> Object:
        kept = plain(value)
        if "secondaryFiles" in value:
            kept["secondaryFiles"] = [self._store(item, outdir) for item in value["secondaryFiles"]]
        location = value.get("location", "")
        if location.startswith("file:"):
            path = _path(location)
        elif location.startswith("/"):  # so cwltool tells of an input that is handed through
            path = location
        else:
            if "listing" in value:
                kept["listing"] = [self._store(item, outdir) for item in value["listing"]]
            return kept
        kept.setdefault("basename", os.path.basename(path))
        if is_directory(value):
            return self._store_directory(kept, path, outdir)
        return {**kept, **self._file_fields(path, outdir)}

    def _store_directory(self, kept: Object, path: str, outdir: str) -> Object:
        real = os.path.realpath(path)
        if any(_is_below(real, folder) for folder in self._directories):
            return {**kept, "location": _uri(real)}  # an input directory, which stays where it is
        self._check(real, path, outdir)
        if real not in self._stored_at:  # the outputs may name it again
            with os.scandir(path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            listing = [self._entry(entry, outdir) for entry in found]
            self._stored_at[real] = {"location": made_location(), "listing": listing}
        return {**kept, **self._stored_at[real]}

    def _entry(self, entry: os.DirEntry[str], outdir: str) -> Object:
        if entry.is_dir():
            return self._store_directory({"class": "Directory", "basename": entry.name}, entry.path, outdir)
        fields = self._file_fields(entry.path, outdir)
        return {"class": "File", "basename": entry.name, **fields}

    def _file_fields(self, path: str, outdir: str) -> Object:
        real = os.path.realpath(path)
        origin = self._origins.get(real)
        if origin is not None:
            ref = ref_of(origin)
            return {**({} if ref is None else stored_fields(ref)), "location": origin}
        if any(_is_below(real, folder) for folder in self._directories):
            return {"location": _uri(real), "size": os.path.getsize(real)}
        self._check(real, path, outdir)
        moves = real == path and _is_ours(path)
        ref = self._files.write(Path(path), name=os.path.basename(path), move=moves)
        fields = stored_fields(ref)
        if real == path:
            self._origins[real] = str(fields["location"])  # the outputs may name it again
        return fields

    def _check(self, real: str, path: str, outdir: str) -> None:
        """Refuse what the tool did not make in its own folders: a link out of them could name anything."""
        if not _is_below(real, outdir) and not _is_below(real, self._real_folder):
            name = os.path.relpath(path, outdir)
            message = f"the output {name} leads to {real}, outside of the tool's folder"
            raise JobFailure(message, FailureKind.PERMANENT)
        if not os.path.exists(real):
            name = os.path.relpath(path, outdir)
            raise JobFailure(f"the output {name} leads to {real}, which is not there")


def _is_stored(value: Object) -> bool:
    if is_directory(value):
        return is_made(value) or any(_is_stored(item) for item in value.get("listing", ()))
    return ref_of(value.get("location", "")) is not None


def _below(value: Object, folder: str) -> Object:
    path = f"{folder}/{value['basename']}"
    below = {**value, "location": _uri(path)}
    if "listing" in value:
        below["listing"] = [_below(item, path) for item in value["listing"]]
    return below


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def _is_ours(path: str) -> bool:
    """Whether we may take a file away: not what the root of a container made for one who is not root."""
    return os.stat(path).st_uid == os.geteuid() and os.access(os.path.dirname(path), os.W_OK)


def _uri(path: str) -> str:
    return "file://" + quote(path)


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)
