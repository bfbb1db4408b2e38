"""Configuration files: one mapping of option names to values, in YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from toil_core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value as text, or texts, and the line it stands on, from 1; ``None``: no value.

    A mapping is texts like ``NAME=VALUE``.
    """

    key: str
    value: str | tuple[str, ...] | None
    line: int


def read_yaml(path: Path) -> list[Entry]:
    """The entries of a configuration file. Raises ``UsageError`` naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Cannot read the configuration {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text in UTF-8: {error.reason} at byte {error.start}") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: {' '.join(str(error).split())}") from error
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: a configuration is a mapping of option names to values")
    return [_entry(key, value, path) for key, value in node.value]


def _entry(key: yaml.Node, value: yaml.Node, path: Path) -> Entry:
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode):
        raise UsageError(f"{path}:{line}: the name of an option is a word")
    if isinstance(value, yaml.SequenceNode):
        items = [_text(item) for item in value.value]
        if all(item is not None for item in items):
            return Entry(key.value, tuple(item for item in items if item is not None), line)
    elif isinstance(value, yaml.MappingNode):
        pairs = [(_text(name), _text(item)) for name, item in value.value]
        if all(name is not None and item is not None for name, item in pairs):
            return Entry(key.value, tuple(f"{name}={item}" for name, item in pairs), line)
    elif isinstance(value, yaml.ScalarNode):
        return Entry(key.value, _text(value), line)
    raise UsageError(f"{path}:{line}: {key.value} is neither a value nor a list of values")


def _text(node: yaml.Node) -> str | None:
    """A scalar as it is written: the option knows its type, and ``010`` or ``1e3`` are not YAML's to guess."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)
