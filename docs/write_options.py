"""Write ``options.md`` from the options that the installed plugins declare; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from toil_core.cli.options import all_options
from toil_core.config.declared import Declared, by_heading
from toil_core.plugins.manager import PluginManager

PAGE = Path(__file__).resolve().parent / "options.md"
HEAD = """# Options

Every option can be given as a flag, as an environment variable, and as a key of a YAML file (`--config FILE`,
or `~/.toil/config.yaml`); `toil config FILE` writes such a file to start from. A flag wins over the
environment, the environment over the file. The key is the flag without its dashes. A truth value is
`--flag` or `--flag=false`; an option that may be repeated is a list in the file. The camelCase spellings of
flags (`--jobStore` for `--job-store`) are accepted too.

This page is written by `python docs/write_options.py` from the declarations in the code.
"""


def main() -> int:
    """Write the page, or say whether it is current."""
    page = "\n".join(lines(all_options(PluginManager.load())))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page)
        return 0
    if PAGE.exists() and PAGE.read_text() == page:
        return 0
    print("docs/options.md is not current. Try: python docs/write_options.py")
    return 1


def lines(owners: Sequence[type[Any]]) -> Iterator[str]:
    """The page, a table for each heading of each class of options."""
    yield HEAD
    for owner in owners:
        for heading, options in by_heading(owner).items():
            shown = [option for option in options if not option.facts.is_hidden]
            if shown:
                yield f"## {heading}\n"
                yield "| flag | environment | default | |"
                yield "|---|---|---|---|"
                yield from map(row, shown)
                yield ""


def row(option: Declared) -> str:
    """An option's line."""
    shown = "" if option.default in (None, "", ()) or option.facts.is_secret else f"`{option.show(option.default)}`"
    repeats = " May be repeated." if option.repeats else ""
    text = f"{option.facts.help}{repeats}".replace("|", "\\|")
    return f"| `{option.flag}` | `{'`, `'.join(option.environments)}` | {shown} | {text} |"


if __name__ == "__main__":
    sys.exit(main())
