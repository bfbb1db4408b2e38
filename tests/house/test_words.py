"""Names that say something, and words that do not belong into the repository."""

from __future__ import annotations

import ast
import re
from pathlib import Path

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "base", "stuff", "tools"}
MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
SLEEPING = re.compile(r"\btime\.sleep\(")
FENCES = {
    "toil_core.plugins.manager": "an observer that raises must harm nobody",
    "toil_core.worker.attempt": "whatever a job's body raises is that job's failure",
    "toil_core.worker.preparation": "what code raises when it is loaded, the job that needs it tells of",
    "toil_core.workflow.deferred": "a deferred function that raises leaves the job's result as it is",
    "toil.lib.threading": "what a thread raises is raised where it is joined",
    "toil_core.cli.guard": "the last door of every command says that it is a bug of ours",
}


DOCUMENTED = {"toil.common", "toil.lib.misc"}  # names of upstream, which scripts import


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_module_has_an_empty_name(modules):
    named = [module.name for module in modules if module.path.stem in EMPTY_NAMES]
    assert set(named) - DOCUMENTED == set()


def test_no_file_names_a_place_of_the_machine_it_was_written_on(tracked, root):
    places = "|".join(re.escape(str(place)) for place in {root, Path.home()} if place != Path("/"))
    found = re.compile(rf"(?<![\w.~-])(?:{places})/\w|/(?:home|Users)/\w+/")
    assert [str(path) for path in tracked if found.search(text_of(path))] == []


def test_no_source_leaves_a_mark_for_later(modules):
    assert [module.name for module in modules if MARKS.search(module.text)] == []


def test_no_source_sleeps_where_it_could_wait(modules):
    assert [module.name for module in modules if SLEEPING.search(module.text)] == []


def swallows_all(handler):
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    is_broad = any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in kinds)
    return is_broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_everything_is_caught_only_at_the_fences(modules):
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules
        if module.name not in FENCES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and swallows_all(node)
    ]
    assert wrong == []
