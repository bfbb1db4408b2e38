"""Inputs given as flags behind the document."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import Any, NoReturn

from toil_core.errors import UsageError


class InputFlags(argparse.ArgumentParser):
    """A parser for the flags of one process's inputs; its mistakes are ``UsageError``."""

    def __init__(self) -> None:
        super().__init__(prog="toil-cwl DOCUMENT", allow_abbrev=False, add_help=False)  # an input may be called help

    def add_argument(self, *flags: Any, **options: Any) -> argparse.Action:
        """Add a flag; an input whose name is one letter is taken with two dashes too."""
        both = [f"-{flag}" for flag in flags if len(flag) == 2 and flag.startswith("-")]
        return super().add_argument(*flags, *both, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the inputs."""
        raise UsageError(f"The document's inputs: {message}")

    def values(self, words: Sequence[str]) -> dict[str, object]:
        """The inputs by flag name; an unknown flag is named with the nearest known one."""
        for action in self._actions:
            action.default = None  # a default that stood in here would replace what the job order gives
        found, rest = self.parse_known_args(list(words))
        if rest:
            flag = rest[0].partition("=")[0]
            near = difflib.get_close_matches(flag, list(self._option_string_actions), 1)
            cure = f"Did you mean {near[0]}?" if near else "Options of toil-cwl come before the document"
            raise UsageError(f"The document has no input {flag}", cure)
        return vars(found)
