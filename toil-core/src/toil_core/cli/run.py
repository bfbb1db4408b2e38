"""``toil run``: run a document of any installed language."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from toil_core.cli.options import add_run_options, read_run_options
from toil_core.cli.program import run_program, url_access
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager

_HEAD_BYTES = 64 * 1024


class RunCommand:
    """Picks the front end from the document; its options and the core's are accepted."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options of every installed plugin."""
        parser.usage = "toil run [OPTIONS] DOCUMENT [INPUTS ...]"
        parser.add_argument("document", metavar="DOCUMENT", help="a file or URL; its language is found out")
        plugins = PluginManager.load()
        add_run_options(parser, plugins, _language_options(plugins))

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the document on what follows it; print its result as JSON."""
        plugins = PluginManager.load()
        options = read_run_options(arguments, plugins, _language_options(plugins))
        spec = plugins.language(arguments.document, _head(arguments.document))
        own = options.get(spec.options) if spec.options is not None else None
        language = spec.load()()
        language.use_urls(url_access(options, plugins))
        program = language.load(arguments.document, arguments.rest, own)
        result = run_program(program, options, plugins)
        if result is not None:
            print(json.dumps(result, indent=4))
        return 0


def _language_options(plugins: PluginManager) -> list[type[Any]]:
    return [spec.options for spec in plugins.all("language") if spec.options is not None]


def _head(document: str) -> bytes:
    path = Path(document.partition("#")[0])
    if "://" not in document and not path.exists():
        raise UsageError(f"There is no document {path}")
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)
    return b""
