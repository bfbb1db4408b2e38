"""Modules by the files that they come from: those that are loaded, and those that sources name."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder

from toil_core.deployment.own_files import is_package

# What makes an environment work, and belongs to each machine's own.
_OF_ENVIRONMENTS = {"sitecustomize", "usercustomize", "_virtualenv", "_distutils_hack", "__main__", "__mp_main__"}
_STANDARD = tuple(
    {os.path.dirname(os.__file__) + os.sep, *(sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib"))}
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A module and its file."""

    name: str
    file: str

    @property
    def top(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]

    @property
    def is_like_pythons(self) -> bool:
        """Whether Python itself has a module of this name."""
        return self.top in sys.stdlib_module_names

    @property
    def base(self) -> str:
        """The folder it is imported from; empty if its file does not lie where its name says."""
        parts = self.name.split(".")
        if os.path.basename(self.file).startswith("__init__."):
            parts.append("__init__")
        folder = self.file
        for part in reversed(parts):
            if os.path.basename(folder).partition(".")[0] != part:
                return ""
            folder = os.path.dirname(folder)
        return folder

    @property
    def entry(self) -> str:
        """What of ``base`` it is part of: a package or a module; or, with a slash behind, a folder that is
        no package, but whose modules are imported as if it were one."""
        entry = ""
        *folders, file = os.path.relpath(self.file, self.base).split(os.sep)
        for folder in folders:
            entry = os.path.join(entry, folder)
            if is_package(os.path.join(self.base, entry)):
                return entry
        return f"{entry}/" if entry else file


def loaded() -> Iterator[Origin]:
    """The modules of this process that were read from files and are no part of Python itself."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__dict__", {}).get("__file__")  # asking a lazy module itself would load it
        if isinstance(file, str) and _is_foreign(name, file) and os.path.isfile(file):
            yield Origin(name, os.path.abspath(file))


def named_in(source: str, package: str = "") -> Iterator[Origin]:
    """The modules that the imports in a file of Python lead to, also those inside functions.

    ``package`` is the one that the file is in. Nothing is imported. What cannot be found, as what is for
    other machines, is left out; what is found may lie inside an archive.
    """
    for name in sorted(_imports(source, package)):
        file = _find(name)
        if file is not None and _is_foreign(name, file[1]):
            yield Origin(file[0], os.path.abspath(file[1]))


def _is_foreign(name: str, file: str) -> bool:
    top = name.partition(".")[0]
    if top in _OF_ENVIRONMENTS or top.startswith("__editable__"):
        return False
    if f"{os.sep}site-packages{os.sep}" in file or f"{os.sep}dist-packages{os.sep}" in file:
        return top not in sys.stdlib_module_names
    return not file.startswith(_STANDARD)


def _imports(source: str, package: str) -> set[str]:
    try:
        with open(source, "rb") as file:
            tree = ast.parse(file.read())
    except (SyntaxError, ValueError):  # for another Python, or none at all
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = _above(package, node.level) if node.level else ""
            if above or not node.level:
                home = ".".join(filter(None, (above, node.module)))
                found.update(f"{home}.{alias.name}" for alias in node.names)
    return found


def _above(package: str, level: int) -> str:
    """The package that an import with so many leading dots begins at; empty if there is none."""
    parts = package.split(".")
    return ".".join(parts[: len(parts) - level + 1])


def _find(name: str) -> tuple[str, str] | None:
    """The first module with a file on the way to a name, for packages without one have any number of homes."""
    here, _, rest = name.partition(".")
    spec = _spec_of_top(here)
    while spec is not None and rest and not _file_of(spec):
        part, _, rest = rest.partition(".")
        here = f"{here}.{part}"
        # By its last name: by the whole one, the package above would have to be imported.
        spec = PathFinder.find_spec(part, list(spec.submodule_search_locations or ()))
    file = _file_of(spec) if spec is not None else ""
    return (here, file) if file else None


def _spec_of_top(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):  # a module without a spec of its own
        return None


def _file_of(spec: ModuleSpec) -> str:
    return spec.origin if spec.has_location and spec.origin else ""
