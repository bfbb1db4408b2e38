"""One idea a file, and functions that fit on a screen."""

from __future__ import annotations

import ast
import statistics

LONGEST_MODULE = 800
MEDIAN_MODULE = 200
LONGEST_FUNCTION = 60
LONGER_FUNCTIONS: dict[str, str] = {}
"""``module:function`` and the reason why cutting it would make it harder to read."""


def functions(module):
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_module_is_too_long(modules):
    assert {module.name: module.lines for module in modules if module.lines > LONGEST_MODULE} == {}


def test_the_median_module_is_short(modules):
    median = statistics.median(module.lines for module in modules if module.path.name != "__init__.py")
    print(f"median module: {median} lines")
    assert median <= MEDIAN_MODULE


def test_functions_fit_on_a_screen(modules):
    found = {f"{module.name}:{name}": lines for module in modules for name, lines in functions(module)}
    long = {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION}
    assert long.keys() == LONGER_FUNCTIONS.keys(), long
