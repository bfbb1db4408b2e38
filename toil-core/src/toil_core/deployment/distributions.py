"""Installed distributions: which one a module's file belongs to, what it needs, and its files."""

from __future__ import annotations

import configparser
import csv
import glob
import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toil_core.deployment.own_files import SentFile

PLUGINS = "toil"
"""The entry point group of our plugins."""

_PRIVATE = {"direct_url.json", "INSTALLER", "REQUESTED", "RECORD"}  # of this environment only
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
        """The files that the installation wrote into ``base``, by their names in it."""
        text = self._facts.read_text("RECORD") or ""
        return frozenset(row[0] for row in csv.reader(text.splitlines()) if row and not row[0].startswith(("..", "/")))

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
            for metadata in sorted(glob.glob(os.path.join(glob.escape(folder), "*.dist-info"))):
                name = normalized(os.path.basename(metadata).partition("-")[0])
                self._by_name.setdefault(name, Installed(metadata))

    def plugins(self) -> Mapping[str, set[str]]:
        """The names of distributions with plugins of ours, and the top modules of these."""
        found = {name: set(one.plugin_modules) for name, one in self._by_name.items()}
        return {name: modules for name, modules in found.items() if modules}

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        return {
            os.path.join(one.base, recorded): name for name, one in self._by_name.items() for recorded in one.recorded
        }

    def owner(self, file: str) -> str:
        """The name of the distribution that installed a file; empty if none did."""
        return self._owners.get(file, "")

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
