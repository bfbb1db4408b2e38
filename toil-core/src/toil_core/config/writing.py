"""A commented configuration file with every option at its default."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import yaml

from toil_core.config.declared import Declared, by_heading


def configuration(owners: Sequence[type[Any]]) -> str:
    """The text of a YAML file that changes nothing, and tells what could be changed."""
    parts = ["# Options of toil. Uncomment a line to change it.", ""]
    for owner in owners:
        for heading, options in by_heading(owner).items():
            parts += [f"## {heading}", ""]
            for option in options:
                if not option.facts.is_hidden:
                    parts += [*_commented(option), ""]
    return "\n".join(parts)


def _commented(option: Declared) -> list[str]:
    lines = textwrap.wrap(option.facts.help, 96, initial_indent="# ", subsequent_indent="# ")
    default = list(option.default) if option.repeats else option.show(option.default)
    shown = yaml.safe_dump({option.name: default if default != "" else None}, default_flow_style=True, width=1000)
    return [*lines, "# " + shown.strip()[1:-1]]
