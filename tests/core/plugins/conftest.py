"""Throw-away distributions: a module and the metadata that makes its entry point found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Install = Callable[[str, str], None]
Ask = Callable[[str], Any]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Make a distribution with the entry point of its own name."""

    def make(name: str, source: str) -> None:
        (tmp_path / f"{name}_plugin.py").write_text(textwrap.dedent(source))
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[toil]\n{name} = {name}_plugin\n")

    return make


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Run code in an interpreter that sees the distributions; what it puts into ``answer``.

    An error of ours becomes its class and its message.
    """

    def run(code: str) -> Any:
        script = (
            "import json\n"
            "from toil_core.errors import ToilError\n"
            "from toil_core.plugins.manager import PluginManager\n"
            "plugins = PluginManager.load()\n"
            "try:\n" + textwrap.indent(textwrap.dedent(code), "    ") + "\n"
            "except ToilError as error:\n"
            "    answer = [type(error).__name__, str(error)]\n"
            "print(json.dumps(answer))\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
