"""Names that say something, and words that do not belong into the repository."""

from __future__ import annotations

import ast
import re
from pathlib import Path

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "base", "stuff", "tools"}
MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
SLEEPING = re.compile(r"\btime\.sleep\(")
FENCES = {
    "toil_core.plugins": "an observer that raises must harm nobody",
    "toil_core.worker": "whatever a job's body raises is that job's failure",
}


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_module_has_an_empty_name(modules):
    assert [module.name for module in modules if module.path.stem in EMPTY_NAMES] == []


def test_no_file_names_a_place_of_the_machine_it_was_written_on(tracked, root):
    places = {str(root), str(Path.home())} - {"/"}
    found = re.compile("|".join(rf"(?<![\w.~-]){re.escape(place)}(?![\w.-])" for place in places))
    assert [str(path) for path in tracked if found.search(text_of(path))] == []


def test_no_source_leaves_a_mark_for_later(modules):
    assert [module.name for module in modules if MARKS.search(module.text)] == []


def test_no_source_sleeps_where_it_could_wait(modules):
    assert [module.name for module in modules if SLEEPING.search(module.text)] == []


def swallows_all(handler):
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    is_broad = any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in kinds)
    return is_broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_everything_is_caught_only_at_the_two_fences(modules):
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules
        if ".".join(module.name.split(".")[:2]) not in FENCES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and swallows_all(node)
    ]
    assert wrong == []
