"""Inputs given as flags behind the document."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from toil_core.errors import UsageError

_NOT_OURS = "--generate-help-preview"  # of the library that prints cwltool's help
_TRUTH = {"true": True, "false": False}


class UnknownInput(UsageError):
    """A flag that is no input of the document: ``flag``."""

    def __init__(self, message: str, cure: str, flag: str) -> None:
        super().__init__(message, cure)
        self.args = (message, cure, flag)
        self.flag = flag


class InputFlags(argparse.ArgumentParser):
    """A parser for the flags of one process's inputs; its mistakes are ``UsageError``."""

    def __init__(self, document: str) -> None:
        super().__init__(
            prog=f"toil-cwl {document}",
            usage=f"toil-cwl [OPTIONS] {document} [JOB_ORDER] [--INPUT VALUE ...]".replace("%", "%%"),
            allow_abbrev=False,
            add_help=False,  # an input may be called help
        )
        self._optionals.title = "inputs"

    def add_argument(self, *flags: Any, **options: Any) -> argparse.Action:
        """Add a flag; an input whose name is one letter is taken with two dashes too."""
        if flags == (_NOT_OURS,):
            return self._actions[-1]
        if flags == ("job_order",):
            options.update(metavar="JOB_ORDER", help="Inputs in a file of YAML or JSON, at a URL, or - for stdin.")
        both = [f"-{flag}" for flag in flags if len(flag) == 2 and flag.startswith("-")]
        return super().add_argument(*flags, *both, **options)

    @property
    def taken(self) -> Sequence[str]:
        """The flags that there are."""
        return list(self._option_string_actions)

    def describe(self, facts: Mapping[str, tuple[str, object]]) -> None:
        """Have the help tell the type and the default of each input."""
        for action in self._actions:
            name = action.option_strings[-1].lstrip("-") if action.option_strings else ""
            if name not in facts:
                continue
            kind, default = facts[name]
            if action.nargs != 0:
                action.metavar = kind.removesuffix("?")
            needed = default is None and not kind.endswith("?")
            told = "Required." if needed else "" if default is None else f"Default: {json.dumps(default, default=str)}."
            text = (action.help or "").replace("\\[", "[")  # escaped for the library that prints cwltool's help
            action.help = f"{text} {told.replace('%', '%%')}".strip()

    def add_help_flag(self) -> None:
        """Print the inputs, and exit, by the names for that which no input has."""
        free = [flag for flag in ("-h", "--help") if flag not in self._option_string_actions]
        if free:
            super().add_argument(*free, action="help", help="Print this.")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the inputs."""
        raise UsageError(f"The document's inputs: {message}")

    def values(self, words: Sequence[str]) -> dict[str, object]:
        """The inputs by flag name; an unknown flag is named with the nearest known one."""
        for action in self._actions:
            action.default = None  # a default that stood in here would replace what the job order gives
        said = [self._switch(word) for word in words]
        found, rest = self.parse_known_args([word for word, value in zip(words, said, strict=True) if value is None])
        if rest:
            flag = rest[0].partition("=")[0]
            near = difflib.get_close_matches(flag, list(self._option_string_actions), 1)
            cure = f"Did you mean {near[0]}?" if near else "Options of toil-cwl come before the document"
            raise UnknownInput(f"The document has no input {flag}", cure, flag)
        return {**vars(found), **dict(pair for pair in said if pair is not None)}

    def _switch(self, word: str) -> tuple[str, bool] | None:
        """What ``--FLAG=true`` or ``--FLAG=false`` says of an input that is a truth value."""
        flag, _, value = word.partition("=")
        action = self._option_string_actions.get(flag)
        if isinstance(action, argparse._StoreTrueAction) and value.lower() in _TRUTH:
            return action.dest, _TRUTH[value.lower()]
        return None
