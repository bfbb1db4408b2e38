"""Installed distributions: which one a module's file belongs to, what it needs, and its files."""

from __future__ import annotations

import configparser
import csv
import glob
import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toil_core.deployment.own_files import SentFile

PLUGINS = "toil"
"""The entry point group of our plugins."""

_PRIVATE = {"direct_url.json", "INSTALLER", "REQUESTED", "RECORD"}  # of this environment only
_INSTALLED_INTO = {"site-packages", "dist-packages"}
_TELLING = {"METADATA", "PKG-INFO", "entry_points.txt", "requires.txt", "top_level.txt"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Installed:
    """A distribution by the folder of its metadata, which lies in the folder it is imported from."""

    metadata: str

    @property
    def base(self) -> str:
        """The folder it is imported from."""
        return os.path.dirname(self.metadata)

    @cached_property
    def _facts(self) -> Distribution:
        return PathDistribution(Path(self.metadata))

    @property
    def name(self) -> str:
        """As its metadata spells it."""
        return str(self._facts.metadata["Name"])

    @property
    def version(self) -> str:
        """As its metadata spells it."""
        return self._facts.version

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The files that the installation wrote into ``base``, by their names in it. Where it wrote no list,
        as packages of Debian have none, all that lies below its top modules, and what tells of it."""
        text = self._facts.read_text("RECORD")
        if text is None:
            return frozenset(self._below_tops())
        return frozenset(row[0] for row in csv.reader(text.splitlines()) if row and not row[0].startswith(("..", "/")))

    @cached_property
    def tops(self) -> frozenset[str]:
        """The names of its top modules, if its installation wrote no list of files; else none."""
        is_here = os.path.basename(self.base) in _INSTALLED_INTO  # else it is somebody's source
        if not is_here or self._facts.read_text("RECORD") is not None:
            return frozenset()
        text = self._facts.read_text("top_level.txt")
        return frozenset([normalized(self.name).replace("-", "_")] if text is None else text.split())

    def _below_tops(self) -> Iterator[str]:
        for entry in sorted(os.listdir(self.base)) if self.tops else []:
            if entry.partition(".")[0] in self.tops:
                yield from self._below(entry)
        if os.path.isfile(self.metadata):
            yield os.path.basename(self.metadata)
        else:
            named = (f"{os.path.basename(self.metadata)}/{name}" for name in sorted(_TELLING))
            yield from (name for name in named if os.path.isfile(os.path.join(self.base, name)))

    def _below(self, entry: str) -> Iterator[str]:
        if os.path.isfile(os.path.join(self.base, entry)):
            yield entry
        for folder, _, names in os.walk(os.path.join(self.base, entry)):
            place = os.path.relpath(folder, self.base).replace(os.sep, "/")
            yield from (f"{place}/{name}" for name in names)

    @property
    def needs(self) -> Iterator[str]:
        """The normalized names of what it requires whatever it is used for; markers may exclude some."""
        for requirement in self._facts.requires or ():
            named, _, marker = requirement.partition(";")
            found = _NAME.match(named)
            if found and "extra" not in marker:
                yield normalized(found[0])

    @property
    def plugin_modules(self) -> Iterator[str]:
        """The top modules of its plugins of ours."""
        text = self._facts.read_text("entry_points.txt") or ""
        if f"[{PLUGINS}]" in text:
            parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
            parser.read_string(text)
            for target in parser[PLUGINS].values():
                yield target.partition(":")[0].partition(".")[0].strip()

    @cached_property
    def source(self) -> str:
        """The folder of its source, if it is installed to be edited there; else empty."""
        text = self._facts.read_text("direct_url.json")
        facts = json.loads(text) if text else {}
        return unquote(urlsplit(facts["url"]).path) if facts.get("dir_info", {}).get("editable") else ""

    def description(self, prefix: str) -> Iterator[SentFile]:
        """What tells of it, its version first of all, for code that asks; names begin with ``prefix``."""
        for name in ("METADATA", "entry_points.txt"):
            path = os.path.join(self.metadata, name)
            if os.path.isfile(path):
                yield SentFile(path, f"{prefix}/{os.path.basename(self.metadata)}/{name}")

    def files(self) -> Iterator[SentFile]:
        """What is sent of it: all it installed but compiled caches, start-up files and commands."""
        for name in sorted(self.recorded):
            if name.endswith(".pth") or _is_cached(name, self.recorded) or _is_private(name):
                continue
            path = os.path.join(self.base, name)
            if os.path.isfile(path):
                yield SentFile(path, name)


class Environment:
    """The distributions in some folders; the first of a name counts, as in importing."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._by_name: dict[str, Installed] = {}
        for folder in folders:
            escaped = glob.escape(folder)
            found = sorted(glob.glob(os.path.join(escaped, "*.dist-info")))
            if os.path.basename(folder) in _INSTALLED_INTO:
                found += sorted(glob.glob(os.path.join(escaped, "*.egg-info")))
            for metadata in found:
                name = normalized(os.path.basename(metadata).partition("-")[0])
                self._by_name.setdefault(name, Installed(metadata))

    def plugins(self) -> Mapping[str, set[str]]:
        """The names of distributions with plugins of ours, and the top modules of these."""
        found = {name: set(one.plugin_modules) for name, one in self._by_name.items()}
        return {name: modules for name, modules in found.items() if modules}

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        return {
            os.path.join(one.base, recorded): name
            for name, one in self._by_name.items()
            if not one.tops
            for recorded in one.recorded
        }

    @cached_property
    def _owners_of_tops(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, one in self._by_name.items():
            for top in one.tops:
                found.setdefault(os.path.join(one.base, top), name)
        return found

    @cached_property
    def _bases_of_tops(self) -> Set[str]:
        return {os.path.dirname(path) for path in self._owners_of_tops}

    def owner(self, file: str) -> str:
        """The name of the distribution that installed a file; empty if none did."""
        owner = self._owners.get(file, "")
        if owner:
            return owner
        for base in self._bases_of_tops:
            if file.startswith(base + os.sep):
                top = os.path.relpath(file, base).partition(os.sep)[0].partition(".")[0]
                return self._owners_of_tops.get(os.path.join(base, top), "")
        return ""

    def with_needs(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are installed, and what they need, and what that needs."""
        found: set[str] = set()
        todo = deque(names)
        while todo:
            name = todo.popleft()
            if name in self._by_name and name not in found:
                found.add(name)
                todo.extend(self._by_name[name].needs)
        return found

    def edited_at(self, folder: str) -> Iterator[Installed]:
        """The distributions whose source, installed to be edited, a folder is or is in."""
        for _, one in sorted(self._by_name.items()):
            if one.source and f"{folder}/".startswith(f"{one.source}/"):
                yield one

    def get(self, name: str) -> Installed:
        """The distribution of a normalized name."""
        return self._by_name[name]

    def bases(self) -> set[str]:
        """The folders that distributions were installed into."""
        return {one.base for one in self._by_name.values()}


def normalized(name: str) -> str:
    """A distribution's name as all its spellings have it (packaging.python.org, name normalization)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_cached(name: str, names: frozenset[str]) -> bool:
    """Whether this is what Python compiled of a source, and can again."""
    return name.endswith(".pyc") and ("__pycache__" in name.split("/") or name[:-1] in names)


def _is_private(name: str) -> bool:
    return name.partition("/")[0].endswith(".dist-info") and name.rpartition("/")[2] in _PRIVATE
