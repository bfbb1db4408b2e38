"""Options from everywhere: defaults, then the file, then the environment, then the command line."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from toil_core.config.declared import Declared, declared
from toil_core.errors import UsageError

T = TypeVar("T")


class Options:
    """The resolved options, by the class that declares them."""

    def __init__(self, values: Mapping[type[Any], Any]) -> None:
        self._values = dict(values)

    def get(self, owner: type[T]) -> T:
        """The options of one class."""
        value: T = self._values[owner]
        return value

    def replaced(self, owner: type[Any], **fields: Any) -> Options:
        """The same with some options of one class changed."""
        return Options({**self._values, owner: replace(self._values[owner], **fields)})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where options come from, weakest first, but for ``defaults``, which are weaker than all: a
    program's own, as texts by the options' names. ``file`` is a configuration file or ``None``;
    ``of_others`` are keys in it that are somebody else's, and passed over."""

    file: Path | None
    environment: Mapping[str, str]
    arguments: argparse.Namespace
    defaults: Mapping[str, str] = field(default_factory=dict)
    of_others: Collection[str] = ()


def read_options(owners: Sequence[type[Any]], sources: Sources) -> Options:
    """Resolve the options of some classes.

    Raises ``UsageError`` naming where a bad value came from, and for unknown keys of the file.
    """
    options = [option for owner in owners for option in declared(owner)]
    found: dict[str, Any] = {
        option.dest: _parsed(option, sources.defaults[option.name], "the program's default")
        for option in options
        if option.name in sources.defaults
    }
    if sources.file is not None:
        found.update(_from_file(sources.file, options, sources.of_others))
    for option in options:
        variable = next((name for name in option.environments if sources.environment.get(name)), None)
        if variable is not None:
            text = sources.environment[variable]
            origin = f"the environment variable {variable}"
            found[option.dest] = _parsed(option, text.split(",") if option.repeats else text, origin)
        given = getattr(sources.arguments, option.dest, None)
        if given is not None:
            found[option.dest] = _parsed(option, given, option.flag)
    return Options(
        {
            owner: owner(**{o.name: found[o.dest] for o in declared(owner) if o.dest in found})
            for owner in dict.fromkeys(owners)
        }
    )


def plain_key(key: str) -> str:
    """A key of a file, however it is spelt."""
    return key.replace("-", "").replace("_", "").lower()


def _from_file(path: Path, options: Sequence[Declared], of_others: Collection[str]) -> dict[str, Any]:
    from toil_core.config.yaml_file import read_yaml

    by_key: dict[str, Declared] = {}
    for option in options:
        for name in (option.name, *(flag[2:] for flag in (option.flag, *option.hidden_flags))):
            by_key[plain_key(name)] = option
    passed_over = {plain_key(key) for key in of_others}
    found = {}
    for entry in read_yaml(path):
        wanted = by_key.get(plain_key(entry.key))
        origin = f"{path}:{entry.line}: {entry.key}"
        if wanted is None and plain_key(entry.key) in passed_over:
            continue
        if wanted is None:
            near = difflib.get_close_matches(entry.key, [option.name for option in options], 1)
            raise UsageError(
                f'{path}:{entry.line}: unknown key "{entry.key}"', f'Did you mean "{near[0]}"?' if near else ""
            )
        if entry.value is not None:
            found[wanted.dest] = _parsed(wanted, entry.value, origin)
    return found


def _parsed(option: Declared, given: Any, origin: str) -> Any:
    if option.repeats:
        items = given if isinstance(given, (list, tuple)) else [given]
        return tuple(_one(option, str(item), origin) for item in items)
    if isinstance(given, tuple):
        raise UsageError(f"{origin} has several values, and takes one")
    return _one(option, str(given), origin)


def _one(option: Declared, text: str, origin: str) -> Any:
    try:
        return option.parse(text)
    except ValueError as error:
        shown = "" if option.facts.is_secret else f' is "{text}"'
        raise UsageError(f"{origin}{shown}: {error}") from error
