"""Which options a command has."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toil_core.config.parser import add_options
from toil_core.config.reading import Options, Sources, read_options
from toil_core.config.run_options import RUN_OPTIONS
from toil_core.engine.chosen import backend_options
from toil_core.plugins.manager import PluginManager

_DEFAULT_FILE = Path("~/.toil/config.yaml")


def all_options(plugins: PluginManager) -> list[type[Any]]:
    """Every options class there is: the core's, the backends', the languages' and their commands'."""
    specs = plugins.all("language")
    languages = [spec.options for spec in specs if spec.options is not None]
    commands = [owner for spec in specs for owner in spec.command_options]
    return list(dict.fromkeys([*RUN_OPTIONS, *backend_options(plugins), *languages, *commands]))


def add_run_options(parser: argparse.ArgumentParser, plugins: PluginManager, more: Sequence[type[Any]] = ()) -> None:
    """Declare ``--config``, the core's options, the backends' and ``more``."""
    parser.add_argument("--config", metavar="FILE", help="Read options from this YAML file (see toil config).")
    add_options(parser, [*more, *RUN_OPTIONS, *backend_options(plugins)])


def read_run_options(arguments: argparse.Namespace, plugins: PluginManager, more: Sequence[type[Any]] = ()) -> Options:
    """Resolve what ``add_run_options`` declared. Raises ``UsageError``.

    A configuration file may speak of every installed plugin, whichever are used.
    """
    owners = list(dict.fromkeys([*all_options(plugins), *more]))
    return read_options(owners, Sources(configuration_file(arguments.config), os.environ, arguments))


def configuration_file(named: str | Path | None) -> Path | None:
    """The configuration file that was named, else the user's own if there is one."""
    default = _DEFAULT_FILE.expanduser()
    return Path(named) if named else default if default.exists() else None
