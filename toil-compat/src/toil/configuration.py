"""The options of a run as an object, and files of them."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from toil.exceptions import not_there
from toil.options import add_options, default_options
from toil.statsAndLogging import add_logging_options
from toil.version import version
from toil_core.config.writing import configuration
from toil_core.errors import UsageError
from toil_core.run import Run


class Config:
    """Every option under its documented name, at first with its default. ``workflowID`` is the run's."""

    def __init__(self) -> None:
        self.workflowID: str | None = None
        self.__dict__.update(vars(default_options(None)))

    def setOptions(self, options: Namespace) -> None:
        """Take over what parsed options say."""
        self.__dict__.update(vars(options))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no option of a run is called {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it can be changed


def addOptions(
    parser: ArgumentParser,
    jobstore_as_flag: bool = False,
    cwl: bool = False,
    wdl: bool = False,
) -> None:
    """Give a parser the options of a run. Raises ``UnsupportedFeature`` for those of other languages."""
    if cwl or wdl:
        raise not_there("addOptions for CWL or WDL", "Use the command of the language: toil-cwl-runner")
    add_options(parser, jobstore_as_flag)


def parser_with_common_options(
    provisioner_options: bool = False,
    jobstore_option: bool = True,
    prog: str | None = None,
    default_log_level: int | None = None,
) -> ArgumentParser:
    """A parser for a command about a job store, with the options of logging. Raises ``UnsupportedFeature`` for
    options of provisioners."""
    if provisioner_options:
        raise not_there("parser_with_common_options with provisioner_options", "Leave them out")
    parser = ArgumentParser(prog=prog)
    add_logging_options(parser, default_log_level)
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument("--tempDirRoot", help="Make temporary directories below this one.")
    if jobstore_option:
        parser.add_argument("jobStore", help="Where the run is kept.")
    return parser


def generate_config(filepath: str) -> None:
    """Write a file with every option, commented, at its default; ``--config`` reads it."""
    owners = list(dict.fromkeys(option.owner for option in Run.options()))
    Path(filepath).write_text(configuration(owners))


def update_config(filepath: str, key: str, new_value: str | bool | int | float | list[Any]) -> None:
    """Change one option in a file that ``generate_config`` wrote; the rest of it stays as it is.

    Raises ``UsageError`` for an option that is not in it.
    """
    path = Path(filepath)
    name = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)
    line = f"{name}: {json.dumps(new_value)}"  # which is YAML too
    text, count = re.subn(rf"^(# )?{re.escape(name)}: .*$", lambda _: line, path.read_text(), flags=re.MULTILINE)
    if not count:
        raise UsageError(f"{filepath} has no option {key}", "Its options are written as in: toil config FILE")
    path.write_text(text)
