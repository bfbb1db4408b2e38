"""A parser whose mistakes are one line that names the nearest right thing."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from toil_core.config.declared import Declared, by_heading, declared, parse_bool
from toil_core.errors import PluginError, UsageError

_NO_TRUTH = re.compile(r"argument ([^:/]+)[^:]*: ignored explicit argument ['\"](.*)['\"]", re.DOTALL)


class OptionParser(argparse.ArgumentParser):
    """Raises ``UsageError`` instead of exiting; takes no abbreviations; switches may be written
    ``--flag=true`` and ``--flag=false``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # whatever argparse takes
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        self._switches: dict[str, str] = {}

    def add_switches(self, owner: type[Any]) -> None:
        """Know the switches among a class's options, which ``add_options`` has declared."""
        for option in declared(owner):
            if option.kind is bool:
                self._switches.update(dict.fromkeys((option.flag, *option.hidden_flags), option.flag))

    @property
    def flags(self) -> Sequence[str]:
        """Every flag that is understood."""
        return list(self._option_string_actions)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong."""
        switch = _NO_TRUTH.fullmatch(message)
        if switch:
            raise UsageError(f'{switch[1]} is "{switch[2]}": neither true nor false')
        raise UsageError(message[:1].upper() + message[1:], f"See: {self.prog} --help")

    def parse_known_args(  # type: ignore[override]  # one spelling of the many argparse allows
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse what is declared; the rest as it stands."""
        words = sys.argv[1:] if args is None else args
        return super().parse_known_args([self._plain(word) for word in words], namespace)

    def parse_args(  # type: ignore[override]  # one spelling of the many argparse allows
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse everything; an unknown flag is named with the nearest known one."""
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.refuse(rest)
        return found

    def refuse(self, rest: Sequence[str]) -> NoReturn:
        """Raise for arguments that nobody understands."""
        unknown = next((word for word in rest if word.startswith("-")), rest[0])
        flag = unknown.partition("=")[0]
        near = difflib.get_close_matches(flag, list(self._option_string_actions), 1)
        cure = f"Did you mean {near[0]}?" if near else f"See: {self.prog} --help"
        kind = "option" if unknown.startswith("-") else "argument"
        raise UsageError(f"Unknown {kind} {flag}", cure)

    def _plain(self, word: str) -> str:
        flag, equals, value = word.partition("=")
        if not equals or flag not in self._switches:
            return word
        try:
            return self._switches[flag] if parse_bool(value) else "--no-" + self._switches[flag][2:]
        except ValueError:
            return word  # refused where it is an option: it may be an input of a document


def add_options(parser: argparse.ArgumentParser, owners: Sequence[type[Any]]) -> None:
    """Declare the options of some classes, a group of the help for each heading.

    Raises ``PluginError`` for a flag that two of them declare.
    """
    declarers: dict[str, Declared] = {}
    for owner in owners:
        for heading, options in by_heading(owner).items():
            group = parser.add_argument_group(heading)
            for option in options:
                for flag in (option.flag, *option.hidden_flags):
                    _refuse_second(declarers.setdefault(flag, option), option, flag)
                _add(group, option)
        if isinstance(parser, OptionParser):
            parser.add_switches(owner)


def _refuse_second(first: Declared, option: Declared, flag: str) -> None:
    if first is not option:
        both = " and ".join(f"{one.owner.__module__}.{one.owner.__name__}" for one in (first, option))
        raise PluginError(f"The option {flag} is declared twice: {both}", "Uninstall one of the plugins")


def _add(group: argparse._ArgumentGroup, option: Declared) -> None:
    facts = option.facts
    text = argparse.SUPPRESS if facts.is_hidden else _help(option)
    if option.kind is bool:
        group.add_argument(option.flag, dest=option.dest, action="store_const", const="true", help=text, default=None)
        no = ["--no-" + option.flag[2:]]
        hidden = argparse.SUPPRESS
        group.add_argument(*no, dest=option.dest, action="store_const", const="false", help=hidden, default=None)
        if option.hidden_flags:
            group.add_argument(
                *option.hidden_flags, dest=option.dest, action="store_const", const="true", help=hidden, default=None
            )
        return
    action = "append" if option.repeats else "store"
    metavar = facts.metavar or option.name.rpartition("_")[2].upper()
    group.add_argument(option.flag, dest=option.dest, action=action, metavar=metavar, help=text, default=None)
    if option.hidden_flags:
        group.add_argument(
            *option.hidden_flags, dest=option.dest, action=action, metavar=metavar, help=argparse.SUPPRESS, default=None
        )


def _help(option: Declared) -> str:
    text = option.facts.help
    if option.default not in (None, "", False, ()) and not option.facts.is_secret:
        text += f" Default: {option.show(option.default)}."
    return text.replace("%", "%%")
