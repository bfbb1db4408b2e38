"""What a workflow's code is made of, found in the process that starts it.

The author's own code is the script, the modules and packages beside it, and every module or package that
lies outside of installed distributions and is loaded or named by an import somewhere in it. To it come
the distributions that it imports, whole, and what these need. What ``toil-core`` itself needs, every
worker has; plugins and what they need, too, unless the author's code imports it.
"""

from __future__ import annotations

import os
import stat
import sys
import sysconfig
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from toil_core.deployment.distributions import Environment, Installed
from toil_core.deployment.modules import Origin, loaded, named_in
from toil_core.deployment.own_files import SECRET, LeftOut, OwnFiles, SentFile, importable_entries
from toil_core.deployment.secret_files import has_secret_name

CORE = "toil-core"
_CORE_MODULE = "toil_core"
_UNPLACED = "modules that do not lie in a folder where their names say"


@dataclass(frozen=True, slots=True)
class StartedScript:
    """The script that jobs' functions may be of: the folder that Python imports its neighbours from, and its
    file inside it, or its name if it was started as a module; both empty for none."""

    folder: str = ""
    file: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class OwnCode:
    """The author's own code: its files, below ``folders``, and which of it is the script."""

    script: str
    folders: tuple[str, ...]
    files: tuple[SentFile, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """All code of a workflow, what was left out of it, and files with names of Python's own modules,
    of which a worker may have loaded its own already."""

    own: OwnCode
    distributions: tuple[Installed, ...]
    left_out: tuple[LeftOut, ...] = ()
    like_pythons: tuple[str, ...] = ()


def collect(script: StartedScript) -> Collected:
    """Find the code of the workflow that this process is about to start."""
    return _Search(script).collected()


class _Search:
    def __init__(self, script: StartedScript) -> None:
        self._script = script
        self._environment = Environment(folder for folder in sys.path if os.path.isdir(folder))
        self._plugins = self._environment.plugins()
        self._entries: dict[str, set[str]] = {}  # by the folder they lie in
        self._beside: set[str] = set()  # those beside the script, of which some may be used by nobody
        self._imported: set[str] = set()  # distributions that the author's code names
        self._loaded: set[str] = set()
        self._script_entry = ""
        self._unread: deque[tuple[str, str]] = deque()
        self._unplaced: set[str] = set()
        self._like_pythons: set[str] = set()

    def collected(self) -> Collected:
        script = self._take_script()
        plugins = set[str]().union(*self._plugins.values())
        for origin in loaded():
            if origin.top not in plugins:
                self._take(origin, self._loaded)
        while self._unread:
            for file in self._sources(*self._unread.popleft()):
                package = os.path.dirname(file.name).strip("/").replace("/", ".")
                for origin in named_in(file.path, package):
                    self._take(origin, self._imported)
        own, left_out = self._own(script)
        left_out += tuple(LeftOut(file, _UNPLACED) for file in sorted(self._unplaced))
        return Collected(own, tuple(self._distributions()), left_out, tuple(sorted(self._like_pythons)))

    def _take_script(self) -> str:
        """Take in the script and what lies beside it; its name, for workers."""
        script = self._script
        if not script.folder:
            return ""
        file = os.path.join(script.folder, script.file or f"{script.module.replace('.', os.sep)}.py")
        if not os.path.isfile(file) and os.path.isfile(f"{file}c"):
            file += "c"  # only what Python compiled of it is here
        if script.module and script.folder in self._environment.bases():
            self._take(Origin(script.module, file), self._imported)
            return f"{script.module}@"
        self._script_entry = script.file or Origin(script.module, file).entry
        self._read(script.folder, self._script_entry)
        is_everybodys = os.stat(script.folder).st_mode & stat.S_IWOTH  # as /tmp is
        if os.path.realpath(script.folder) not in _folders_of_commands() and not is_everybodys:
            entries = importable_entries(script.folder)
            self._beside.update(entry for entry in entries if not self._is_installed(script.folder, entry))
        return f"{script.module}@0" if script.module else f"0/{script.file}"

    def _take(self, origin: Origin, distributions: set[str]) -> None:
        if origin.top == _CORE_MODULE:
            return
        owner = self._environment.owner(origin.file)
        if owner:
            distributions.add(owner)
        elif origin.base and os.path.isfile(origin.file):
            self._read(origin.base, origin.entry)
            if origin.is_like_pythons:
                self._like_pythons.add(origin.file)
        elif distributions is self._imported:
            self._unplaced.add(origin.file)

    def _is_installed(self, base: str, entry: str) -> bool:
        files = (os.path.join(base, entry), os.path.join(base, entry, "__init__.py"))
        return any(self._environment.owner(file) for file in files)

    def _read(self, base: str, entry: str) -> None:
        """Send it, and have its imports looked at."""
        entries = self._entries.setdefault(base, set())
        if entry not in entries:
            entries.add(entry)
            self._unread.append((base, entry))

    def _sources(self, base: str, entry: str) -> Iterator[SentFile]:
        for file in OwnFiles().of(base, entry, ""):
            if file.name.endswith(".py") or entry == self._script.file:
                yield file

    def _distributions(self) -> Iterator[Installed]:
        everywhere = self._environment.with_needs([CORE])
        beside_plugins = self._environment.with_needs([CORE, *self._plugins])
        loaded = self._environment.with_needs(self._loaded - beside_plugins) - beside_plugins
        imported = self._environment.with_needs(self._imported) - everywhere
        return map(self._environment.get, sorted(loaded | imported))

    def _own(self, script: str) -> tuple[OwnCode, tuple[LeftOut, ...]]:
        finder = OwnFiles()
        order = {folder: number for number, folder in enumerate(sys.path)}
        bases = sorted(self._entries, key=lambda base: (base != self._script.folder, order.get(base, len(order))))
        files: dict[str, SentFile] = {}  # by name: a folder may hold packages that were found by themselves
        for number, base in enumerate(bases):
            is_scripts = base == self._script.folder
            for entry in sorted(self._entries[base] | (self._beside if is_scripts else set())):
                if entry not in self._entries[base] and has_secret_name(entry):
                    finder.left_out.append(LeftOut(os.path.join(base, entry), SECRET))
                    continue
                is_script = is_scripts and entry == self._script_entry  # beside it, people keep results, notes and keys
                found = finder.of(base, entry, str(number), has_data=not is_script)
                files.update((file.name, file) for file in found)
            for edited in self._environment.edited_at(base):
                files.update((file.name, file) for file in edited.description(str(number)))
        folders = tuple(str(number) for number in range(len(bases)))
        return OwnCode(script, folders, tuple(files.values())), tuple(dict.fromkeys(finder.left_out))


def _folders_of_commands() -> set[str]:
    """Where commands of all kinds lie side by side."""
    of_user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    return set(map(os.path.realpath, (sysconfig.get_path("scripts"), of_user, os.path.dirname(sys.executable))))
