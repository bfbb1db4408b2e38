"""The pages' examples run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACT_PAGES = sorted((ROOT / "docs" / "contracts").glob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page that are of a language; other fences are for reading."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", CONTRACT_PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_contract_run(page, tmp_path):
    found = blocks(page, "python")
    assert found
    for block in found:
        script = tmp_path / "example.py"
        script.write_text(block)
        done = subprocess.run(
            [sys.executable, "-W", "error", str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr


PIP = """#!{python}
import importlib.metadata, pathlib, re
project = pathlib.Path("pyproject.toml").read_text()
name, version = (re.search(f'^{{word}} = "(.*)"', project, re.M)[1] for word in ("name", "version"))
info = pathlib.Path(f"{{name}}-{{version}}.dist-info")
info.mkdir()
(info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {{name}}\\nVersion: {{version}}\\n")
points = project.partition("[project.entry-points.toil]")[2].partition("[tool")[0].replace('"', "")
(info / "entry_points.txt").write_text("[toil]" + points)
"""
"""Stands for ``pip install .`` in a page: makes the metadata that plugins are found by, and asks no server."""


@pytest.mark.parametrize(
    "name", ["tutorial", "cwl", "plugins/README", "plugins/first-plugin", "plugins/kits", "plugins/versions"]
)
def test_a_page_does_what_it_shows(name, tmp_path):
    """Its ``sh`` blocks in order, in one shell, with what each prints after it checked where it is shown."""
    page = ROOT / "docs" / f"{name}.md"
    if not blocks(page, "sh"):
        assert not blocks(page, r"\w+"), "what is shown is run"
        return
    commands_first = tmp_path / "bin"
    commands_first.mkdir()
    (commands_first / "pip").write_text(PIP.format(python=sys.executable))
    (commands_first / "pip").chmod(0o755)
    path = [str(commands_first), str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": str(tmp_path)}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    for file_name, content in re.findall(
        r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL
    ):
        (tmp_path / file_name).write_text(content)
    steps = re.findall(r"^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", page.read_text(), re.MULTILINE | re.DOTALL)
    assert steps
    for number, (commands, expected) in enumerate(steps):
        printed = tmp_path / f"printed-{number}"
        with printed.open("w") as output:
            # A file, not a pipe: what a killed leader leaves behind would hold a pipe open.
            subprocess.run(
                ["sh", "-c", commands],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
            )
        assert_lines_in_order(expected, printed.read_text(), commands)


def assert_lines_in_order(expected: str, printed: str, commands: str) -> None:
    """Each line shown must be printed, in order; ``...`` in one stands for anything."""
    rest = printed
    for line in expected.splitlines():
        if line.strip() == "...":
            continue
        pattern = ".*".join(re.escape(part) for part in line.strip().split("..."))
        found = re.search(rf"^\s*{pattern}\s*$", rest, re.MULTILINE)
        assert found, f"{commands}\ndid not print: {line}\nbut:\n{printed}"
        rest = rest[found.end() :]
