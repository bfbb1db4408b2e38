"""Modules are found by the imports of a source, without importing anything."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from toil_core.deployment.modules import Origin, loaded, named_in


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that Python imports from."""
    for name in ("plain.py", "package/__init__.py", "package/inner.py", "spread/deep/leaf.py", "spread/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise AssertionError('nothing is imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "name", "file", "entry"),
    [
        ("import plain as other", "plain", "plain.py", "plain.py"),
        ("def function():\n    from plain import something", "plain", "plain.py", "plain.py"),
        ("if False:\n    import package.inner.absent", "package", "package/__init__.py", "package"),
        ("import spread.deep.leaf", "spread.deep.leaf", "spread/deep/leaf.py", "spread/deep/"),
        ("from spread.deep import leaf", "spread.deep.leaf", "spread/deep/leaf.py", "spread/deep/"),
    ],
)
def test_a_named_module_is_found_where_python_would_find_it(folder, text, name, file, entry):
    (folder / "source.py").write_text(text)
    [origin] = named_in(str(folder / "source.py"))
    assert origin == Origin(name, str(folder / file))
    assert (origin.base, origin.entry) == (str(folder), entry)


@pytest.mark.parametrize(
    "text",
    [
        "import os, json.decoder",
        "from . import plain",
        "import absent",
        "import spread",
        "import builtins, sys",
        "not Python",
        "\0",
        "from __main__ import something",
    ],
)
def test_what_is_not_to_be_sent_is_not_found(folder, text):
    (folder / "source.py").write_text(text)
    assert list(named_in(str(folder / "source.py"))) == []


def test_a_module_that_loads_itself_when_it_is_asked_is_left_alone(folder, monkeypatch):
    class Lazy(ModuleType):
        def __getattr__(self, name):
            raise AssertionError("it was asked")

    lazy = Lazy("lazy")
    del lazy.__dict__["__spec__"]
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    assert "lazy" not in {origin.name for origin in loaded()}


def test_a_module_whose_file_lies_elsewhere_has_no_folder_to_be_imported_from(folder):
    assert Origin("package.moved", str(folder / "plain.py")).base == ""
