"""``toil plugins``: what is installed, what it provides, and what is broken."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from toil_core.plugins.manager import PluginManager


class PluginsCommand:
    """Lists plugins; imports none of the classes they provide."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def run(self, arguments: argparse.Namespace) -> int:
        """Print the list; 1 if something is broken."""
        plugins = PluginManager.load()
        installed, broken = plugins.installed(), plugins.broken()
        if arguments.json:
            facts = {"installed": [asdict(one) for one in installed], "broken": [asdict(one) for one in broken]}
            print(json.dumps(facts, indent=2))
            return 1 if broken else 0
        for one in installed:
            print(f"{one.name}  {one.distribution} {one.version}")
            kinds: dict[str, list[str]] = {}
            for kind, name in one.provides:
                kinds.setdefault(kind, []).append(name)
            for kind, names in kinds.items():
                print(f"  {kind}: {', '.join(names)}")
        for bad in broken:
            print(f"broken: {bad.name} ({bad.distribution}): {bad.reason}")
        return 1 if broken else 0
