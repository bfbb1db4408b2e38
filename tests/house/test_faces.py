"""An ``__init__`` is a face: a docstring, names, and the list of them."""

from __future__ import annotations

import ast


def faces(modules):
    return [module for module in modules if module.path.name == "__init__.py"]


def test_faces_hold_no_logic(modules):
    allowed = ast.Import | ast.ImportFrom
    wrong = []
    for module in faces(modules):
        for node in module.tree.body:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_names = isinstance(node, ast.Assign) and all(
                isinstance(target, ast.Name) and target.id in {"__all__", "__version__"} for target in node.targets
            )
            if not (is_docstring or is_names or isinstance(node, allowed)):
                wrong.append(f"{module.name}:{node.lineno}")
    assert not wrong


def test_every_name_in_a_face_is_in_its_list(modules):
    wrong = {}
    for module in faces(modules):
        names = {
            alias.asname or alias.name
            for node in module.tree.body
            if isinstance(node, ast.ImportFrom) and node.module != "__future__"
            for alias in node.names
        }
        listed = {
            element.value
            for node in module.tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
            for element in node.value.elts
        }
        if names != listed:
            wrong[module.name] = sorted(names ^ listed)
    assert not wrong
