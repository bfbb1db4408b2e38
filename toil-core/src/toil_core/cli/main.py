"""The command ``toil``: subcommands, each loaded when it is the one that was asked for."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from importlib.metadata import version

from toil_core.api.specs import CommandSpec
from toil_core.cli.guard import guarded
from toil_core.config.parser import OptionParser
from toil_core.errors import UsageError
from toil_core.plugins.manager import PluginManager


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``toil`` with these arguments, or the process's own; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded("toil", lambda: _dispatch(arguments))


def _dispatch(arguments: list[str]) -> int:
    specs = {spec.name: spec for spec in PluginManager.load().command_specs()}
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help(list(specs.values())))
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(version("toil-core"))
        return 0
    spec = specs.get(arguments[0])
    if spec is None:
        near = difflib.get_close_matches(arguments[0], specs, 1)
        raise UsageError(
            f'There is no command "toil {arguments[0]}"',
            f"Did you mean toil {near[0]}?" if near else "See: toil --help",
        )
    command = spec.load()()
    parser = OptionParser(prog=f"toil {spec.name}", description=spec.summary)
    command.add_arguments(parser)
    namespace, rest = parser.parse_known_args(arguments[1:])
    if rest and not spec.takes_rest:
        parser.refuse(rest)
    namespace.rest = rest
    return command.run(namespace)


def _help(specs: Sequence[CommandSpec]) -> str:
    width = max(len(spec.name) for spec in specs)
    lines = ["usage: toil COMMAND [ARGUMENTS]", "", "commands:"]
    lines += [f"  {spec.name:<{width}}  {spec.summary}" for spec in specs]
    lines += ["", "toil COMMAND --help tells more; toil --version, which version this is."]
    return "\n".join(lines)
