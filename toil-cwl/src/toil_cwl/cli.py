"""``toil-cwl``, ``toil-cwl-runner`` and ``cwltoil``: one command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from toil_core.cli.guard import guarded
from toil_core.cli.options import add_run_options, read_run_options
from toil_core.cli.program import run_program
from toil_core.config.parser import OptionParser
from toil_core.config.run_options import LogLevel, LogOptions
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager
from toil_cwl.command_options import COMMAND_OPTIONS, TellingOptions, ViewOptions
from toil_cwl.options import CwlOptions

_OWNERS = (*COMMAND_OPTIONS, CwlOptions)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a document; the output object goes to stdout. Returns 0, 1, 2, or 33 for what is not supported."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded("toil-cwl", lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    plugins = PluginManager.load()
    parser = OptionParser(
        prog="toil-cwl",
        usage="toil-cwl [OPTIONS] DOCUMENT [JOB_ORDER] [--INPUT VALUE ...]",
        description="Run a CWL document. Options come before the document; flags behind it are its inputs.",
    )
    parser.add_argument("--version", action="version", version=f"toil-cwl {version('toil-cwl')}")
    parser.add_argument("document", nargs="?", metavar="DOCUMENT", help="a file or URL, with #NAME for a part of it")
    parser.add_argument("inputs", nargs=argparse.REMAINDER, metavar="INPUTS", help="see: toil-cwl DOCUMENT --help")
    add_run_options(parser, plugins, _OWNERS)
    found, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.refuse(unknown)
    options = read_run_options(found, plugins, _OWNERS)
    if found.document is None:
        raise UsageError("There is no document to run", "See: toil-cwl --help")
    if "://" not in found.document and not Path(found.document.partition("#")[0]).exists():
        raise UsageError(f"There is no document {found.document}")
    words = arguments[len(arguments) - len(found.inputs) :]  # as they were typed
    cwl = options.get(CwlOptions)
    program = plugins.language(found.document, b"cwlVersion").load()().load(found.document, words, cwl)
    if options.get(ViewOptions).validate:
        print(f"{found.document} is valid CWL.")
        return 0
    if options.get(TellingOptions).quiet:
        options = options.replaced(LogOptions, log_level=LogLevel.ERROR)
    print(json.dumps(run_program(program, options, plugins), indent=4))
    return 0
