"""The source tree as data, for the tests that hold the house's rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Import:
    """One imported module: its full name, and where. ``inside`` names the function around it, if any."""

    name: str
    line: int
    inside: str


@dataclass(frozen=True)
class Module:
    """A module of one of the distributions."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The import package of the distribution: ``toil_core``."""
        return self.name.split(".")[0]

    @property
    def lines(self) -> int:
        """How long the file is."""
        return self.text.count("\n")

    def imports(self) -> Iterator[Import]:
        """Everything imported, at the top, for types only, or inside functions."""
        yield from _imports(self.tree, "")


def _imports(node: ast.AST, inside: str) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, inside)
        elif isinstance(child, ast.ImportFrom):
            dots = "." * child.level
            yield Import(f"{dots}{child.module or ''}", child.lineno, inside)
            for alias in child.names:
                yield Import(f"{dots}{child.module or ''}.{alias.name}", child.lineno, inside)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, child.name)
        else:
            yield from _imports(child, inside)


def _module(source: Path, path: Path) -> Module:
    parts = path.relative_to(source).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(path, name, text, ast.parse(text))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> Sequence[Module]:
    """Every module of every distribution."""
    sources = sorted(ROOT.glob("toil-*/src"))
    return [_module(source, path) for source in sources for path in sorted(source.rglob("*.py"))]


@pytest.fixture(scope="session")
def tracked() -> Sequence[Path]:
    """Every file of the repository that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
