"""``toil run``: run a document of any installed language."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path

from toil_core.cli.options import add_run_options, read_run_options
from toil_core.cli.program import run_program
from toil_core.config.parser import OptionParser, plain_booleans
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager

_HEAD_BYTES = 64 * 1024


class RunCommand:
    """Picks the front end from the document; its options and the core's are accepted."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take everything; the document decides what there is."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="[OPTIONS] DOCUMENT [INPUTS ...]")

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the document; print its result as JSON."""
        plugins = PluginManager.load()
        specs = plugins.all("language")
        parser = OptionParser(prog="toil run")
        parser.add_argument("document", metavar="DOCUMENT", help="a file or URL; its language is found out")
        parser.add_argument("inputs", nargs="*", metavar="INPUTS", help="what the document is run on")
        languages = [spec.options for spec in specs if spec.options is not None]
        add_run_options(parser, plugins, languages)
        found = parser.parse_args(plain_booleans(arguments.arguments, languages))
        options = read_run_options(found, plugins, languages)
        spec = plugins.language(found.document, _head(found.document))
        own = options.get(spec.options) if spec.options is not None else None
        program = spec.load()().load(found.document, found.inputs, own)
        result = run_program(program, options, plugins)
        if result is not None:
            print(json.dumps(result, indent=4))
        return 0


def _head(document: str) -> bytes:
    path = Path(document.partition("#")[0])
    if "://" not in document and not path.exists():
        raise UsageError(f"There is no document {path}")
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)
    return b""
