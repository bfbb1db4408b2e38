"""``toil-cwl``, ``toil-cwl-runner`` and ``cwltoil``: one command."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

from toil_core.api.url_access import UrlAccess
from toil_core.cli.guard import guarded
from toil_core.cli.options import add_run_options, read_run_options
from toil_core.cli.program import run_program, url_access
from toil_core.config.parser import OptionParser, add_options
from toil_core.config.reading import Options
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager
from toil_cwl.command_options import COMMAND_OPTIONS, AcceptedOptions, TellingOptions, ViewOptions
from toil_cwl.destinations import refuse_summary
from toil_cwl.familiar import translated
from toil_cwl.flags import UnknownInput
from toil_cwl.options import CwlOptions

_OWNERS = (CwlOptions, *COMMAND_OPTIONS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a document; the output object goes to stdout. Returns 0, 1, 2, or 33 for what is not supported."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded("toil-cwl", lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    plugins = PluginManager.load()
    parser = _parser(plugins)
    found, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.refuse(unknown)
    options = translated(read_run_options(found, plugins, _OWNERS))
    words = arguments[len(arguments) - len(found.inputs) :]  # as they were typed
    document = found.document or ""
    views = options.get(ViewOptions)
    asked = [one.name for one in fields(views) if getattr(views, one.name) is True]
    if not document and asked != ["print_supported_versions"]:
        raise UsageError("There is no document to run", "See: toil-cwl --help")
    if "://" in document:
        plugins.url_access(document)  # raises for a kind that no installed plugin knows
    if document and "://" not in document and not Path(document.partition("#")[0]).exists():
        raise UsageError(f"There is no document {document}")
    try:
        if asked:
            show = _show(asked, url_access(options, plugins))
            print(show(document, words, options.get(CwlOptions), views).rstrip("\n"))
        else:
            _execute(document, words, options, plugins)
    except UnknownInput as error:
        if error.flag not in parser.flags:
            raise
        raise UsageError(
            f"{error.flag} is an option of toil-cwl, and no input of {document}",
            f"Put it before the document: toil-cwl {error.flag} ... {document}",
        ) from error
    return 0


def _parser(plugins: PluginManager) -> OptionParser:
    parser = OptionParser(
        prog="toil-cwl",
        usage="toil-cwl [OPTIONS] DOCUMENT [JOB_ORDER] [--INPUT VALUE ...]",
        description="Run a CWL document. Options come before the document; flags behind it are its inputs.",
    )
    parser.add_argument("--version", action="version", version=f"toil-cwl {version('toil-cwl')}")
    parser.add_argument("document", nargs="?", metavar="DOCUMENT", help="a file or URL, with #NAME for a part of it")
    parser.add_argument(
        "inputs",
        nargs=argparse.REMAINDER,
        metavar="INPUTS",
        help="a job order (a file, a URL, or - for stdin), and inputs as flags, which DOCUMENT --help tells",
    )
    add_run_options(parser, plugins, [owner for owner in _OWNERS if owner is not AcceptedOptions])
    add_options(parser, [AcceptedOptions])  # the last of the help
    return parser


def _execute(document: str, words: Sequence[str], options: Options, plugins: PluginManager) -> None:
    cwl = options.get(CwlOptions)
    language = plugins.language(document, b"cwlVersion").load()()
    access = url_access(options, plugins)
    language.use_urls(access)
    summary = options.get(TellingOptions).write_summary
    if summary is not None:
        refuse_summary(summary, access)
    program = language.load(document, words, cwl)
    text = json.dumps(run_program(program, options, plugins), indent=4)
    if summary is None:
        print(text)
    else:
        summary.parent.mkdir(parents=True, exist_ok=True)
        summary.write_text(text + "\n")


def _show(asked: Sequence[str], access: Callable[[str], UrlAccess]) -> Callable[..., str]:
    """The printer of a view. Loaded for those who ask, because cwltool's command line takes long to import."""
    if len(asked) > 1:
        flags = " and ".join("--" + name.replace("_", "-") for name in asked)
        raise UsageError(f"{flags} exclude each other")
    printer: Callable[..., str] = importlib.import_module("toil_cwl.views").shown(asked[0], access)
    return printer
