"""The example of a stranger's plugin uses nothing but what strangers are promised."""

from __future__ import annotations

import ast
import re


def promised(root):
    """The modules that the page of versions lists."""
    page = (root / "docs" / "plugins" / "versions.md").read_text()
    rows = re.findall(r"^\| (`toil_core\S*`(?:, `toil_core\S*`)*) \|", page, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\S+?)`", row)}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_example_imports_only_what_is_promised(root):
    modules = [*(root / "examples" / "toil-sqlite").rglob("*.py")]
    faces = promised(root)
    assert {"toil_core.api", "toil_core.errors", "toil_core.testing"} <= faces
    wrong = [
        f"{path.name}: {name}"
        for path in modules
        for name in imported(path)
        if name.startswith("toil_core") and not any(name == face or name.startswith(f"{face}.") for face in faces)
    ]
    assert modules
    assert wrong == []


def test_what_is_promised_is_there(root):
    source = root / "toil-core" / "src"
    paths = [source / name.replace(".", "/") for name in promised(root)]
    assert [path.name for path in paths if not path.is_dir() and not path.with_suffix(".py").exists()] == []
