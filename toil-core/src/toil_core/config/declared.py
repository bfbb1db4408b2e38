"""The options a class declares: their types, and the names derived from the field's name."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from types import NoneType, UnionType
from typing import Any

from toil_core.api.options import METADATA_KEY, OptionFacts
from toil_core.errors import InternalError

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Declared:
    """One option: a field of ``owner``. ``kind`` is its type without ``None`` and, if ``repeats``,
    of one item of the tuple."""

    owner: type[Any]
    name: str
    kind: type[Any]
    default: Any
    facts: OptionFacts
    repeats: bool

    @property
    def flag(self) -> str:
        """``--job-store``."""
        return "--" + self.name.replace("_", "-")

    @property
    def hidden_flags(self) -> list[str]:
        """Other accepted spellings: the documented camelCase, and both spellings of preemptible."""
        words = self.name.split("_")
        camel = "--" + words[0] + "".join(word.capitalize() for word in words[1:])
        found = [camel] if camel != self.flag else []
        found += self.facts.aliases
        for spelling in (self.flag, camel):
            if "reemptible" in spelling:
                found.append(spelling.replace("reemptible", "reemptable"))
        return list(dict.fromkeys(flag for flag in found if flag != self.flag))

    @property
    def environments(self) -> Sequence[str]:
        """``TOIL_JOB_STORE``, then the documented name if there is another."""
        derived = "TOIL_" + self.name.upper()
        return (derived, self.facts.environment) if self.facts.environment else (derived,)

    @property
    def dest(self) -> str:
        """Where argparse puts the value."""
        return f"{self.owner.__module__}.{self.owner.__qualname__}.{self.name}"

    def parse(self, text: str) -> Any:
        """The value that a text means; of one item, if it repeats. Raises ``ValueError``."""
        if self.facts.parse is not None:
            return self.facts.parse(text)
        if self.kind is bool:
            return parse_bool(text)
        if issubclass(self.kind, Enum):
            return self._member(text)
        if self.facts.choices and text not in self.facts.choices:
            raise ValueError(f"not one of {', '.join(self.facts.choices)}")
        try:
            found = self.kind(text)
            if found != found:  # "nan" is no number that anything can be compared with
                raise ValueError(text)
            return found
        except ValueError as error:
            word = {"int": "a whole number", "float": "a number"}.get(self.kind.__name__, self.kind.__name__)
            raise ValueError(f"not {word}") from error

    def show(self, value: Any) -> str:
        """A value as a person would type it; empty for ``None``."""
        if value is None:
            return ""
        if self.facts.show is not None:
            return self.facts.show(value)
        if isinstance(value, Enum):
            return str(value.value)
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _member(self, text: str) -> Any:
        plain = text.replace("-", "").replace("_", "").lower()
        for member in self.kind:
            if str(member.value).replace("-", "").lower() == plain:
                return member
        raise ValueError(f"not one of {', '.join(str(member.value) for member in self.kind)}")


def parse_bool(text: str) -> bool:
    """A truth value from its usual words. Raises ``ValueError``."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("neither true nor false")


_known: dict[type[Any], Sequence[Declared]] = {}


def declared(owner: type[Any]) -> Sequence[Declared]:
    """The options of a class, in the order of its fields. Raises ``InternalError`` for one without help."""
    if owner not in _known:  # a command asks several times, and evaluating type hints takes most of its parsing
        _known[owner] = tuple(_declared(owner))
    return _known[owner]


def _declared(owner: type[Any]) -> Iterator[Declared]:
    hints = typing.get_type_hints(owner)
    for field in fields(owner):
        facts = field.metadata.get(METADATA_KEY)
        if not isinstance(facts, OptionFacts) or not facts.help:
            raise InternalError(f"the option {owner.__name__}.{field.name} has no help")
        kind, repeats = _kind(hints[field.name])
        yield Declared(owner, field.name, kind, field.default, facts, repeats)


def by_heading(owner: type[Any]) -> Mapping[str, Sequence[Declared]]:
    """The options of a class by what they stand under in help, reference and configuration file."""
    found: dict[str, list[Declared]] = {}
    for option in declared(owner):
        found.setdefault(option.facts.topic or str(getattr(owner, "GROUP", owner.__name__)), []).append(option)
    return found


def _kind(hint: Any) -> tuple[type[Any], bool]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, UnionType):
        return _kind(next(arg for arg in typing.get_args(hint) if arg is not NoneType))
    if origin is tuple:
        return typing.get_args(hint)[0], True
    return hint, False
