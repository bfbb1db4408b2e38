"""Configuration files: one mapping of option names to values, in YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from toil_core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value and the line it stands on, from 1."""

    key: str
    value: Any
    line: int


def read_yaml(path: Path) -> list[Entry]:
    """The entries of a configuration file. Raises ``UsageError`` naming file and line."""
    try:
        text = path.read_text()
    except OSError as error:
        raise UsageError(f"Cannot read the configuration {path}: {error.strerror}") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: {error.problem}") from error
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: a configuration is a mapping of option names to values")
    loader = yaml.SafeLoader("")
    return [
        Entry(str(key.value), loader.construct_object(value, deep=True), key.start_mark.line + 1)
        for key, value in node.value
    ]
