"""Scattering: one set of inputs into many, and many results into arrays.

CWL Workflow v1.2, section 4.2.3: ``dotproduct``, ``nested_crossproduct``, ``flat_crossproduct``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from toil_core.api.job import JobFailure
from toil_core.model.outcome import FailureKind
from toil_cwl.values import Object, Value

Tree = Value
"""Nested lists, as deep as the scatter's method makes them, with one leaf for each element."""


def scattered(inputs: Object, keys: Sequence[str], method: str | None, leaf: Callable[[Object], Value]) -> Tree:
    """The tree of what ``leaf`` makes of each element's inputs.

    Raises ``JobFailure`` if a scattered input is no array, or arrays of a dot product differ in length.
    """
    for key in keys:
        if not isinstance(inputs[key], list):
            raise JobFailure(f'cannot scatter over "{_short(key)}": its value is not an array', FailureKind.PERMANENT)
    if method in (None, "dotproduct"):
        return _dot(inputs, keys, leaf)
    nested = _nested(inputs, keys, leaf)
    if method == "nested_crossproduct":
        return nested
    for _ in keys[1:]:
        nested = [item for group in nested for item in group]
    return nested


def gathered(tree: Tree, outputs: Sequence[str], find: Callable[[Value], Mapping[str, Value]]) -> Object:
    """For each output the tree of its values. ``find`` gives a leaf's outputs."""
    found = _leaves(tree, find)
    return {name: _column(found, name) for name in outputs}


def _dot(inputs: Object, keys: Sequence[str], leaf: Callable[[Object], Value]) -> Tree:
    lengths = {_short(key): len(inputs[key]) for key in keys}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise JobFailure(f"a dot product needs arrays of one length: {told}", FailureKind.PERMANENT)
    count = next(iter(lengths.values()))
    return [leaf({**inputs, **{key: inputs[key][index] for key in keys}}) for index in range(count)]


def _nested(inputs: Object, keys: Sequence[str], leaf: Callable[[Object], Value]) -> Tree:
    key, rest = keys[0], keys[1:]
    elements = ({**inputs, key: item} for item in inputs[key])
    return [_nested(element, rest, leaf) if rest else leaf(element) for element in elements]


class _Leaf:
    def __init__(self, outputs: Mapping[str, Value]) -> None:
        self.outputs = outputs


def _leaves(tree: Tree, find: Callable[[Value], Mapping[str, Value]]) -> Tree:
    return [_leaves(item, find) if isinstance(item, list) else _Leaf(find(item)) for item in tree]


def _column(tree: Tree, name: str) -> Tree:
    return [_column(item, name) if isinstance(item, list) else item.outputs.get(name) for item in tree]


def _short(key: str) -> str:
    return key.rpartition("/")[2]
