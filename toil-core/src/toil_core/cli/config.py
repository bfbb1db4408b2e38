"""``toil config``: write a configuration file to start from."""

from __future__ import annotations

import argparse
from pathlib import Path

from toil_core.cli.options import all_options
from toil_core.config.writing import configuration
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager


class ConfigCommand:
    """Writes every option of every installed plugin, commented, at its default."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument(
            "file", metavar="FILE", nargs="?", default="config.yaml", help="where to write (config.yaml)"
        )
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def run(self, arguments: argparse.Namespace) -> int:
        """Write the file."""
        path = Path(arguments.file)
        try:
            with path.open("w" if arguments.force else "x") as out:
                out.write(configuration(all_options(PluginManager.load())))
        except FileExistsError as error:
            raise UsageError(f"{path} is there already", "Replace it by --force, or name another file") from error
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror}") from error
        print(f"Wrote {path}. Use it by --config {path}, or keep it as ~/.toil/config.yaml")
        return 0
