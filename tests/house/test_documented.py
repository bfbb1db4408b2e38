"""What users and plugin authors can use is written down."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.cli.options import all_options
from toil_core.config.declared import declared
from toil_core.plugins import hookspecs
from toil_core.plugins.manager import PluginManager

CONTRACTS = ["storage", "batch_system", "provisioner", "language", "url_access", "container"]


def pages(root: Path) -> str:
    return "\n".join(page.read_text() for page in sorted((root / "docs").rglob("*.md")))


def hooks() -> list[str]:
    return [name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("toil_")]


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_is_documented(hook, root):
    assert f"`{hook}`" in pages(root)
    assert getattr(hookspecs, hook).__doc__


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_has_a_page(contract, root):
    page = (root / "docs" / "contracts" / f"{contract}.md").read_text()
    source = (root / "toil-core" / "src" / "toil_core" / "api" / f"{contract}.py").read_text()
    methods = re.findall(r"^    @abstractmethod\n(?:    @\w+\n)*    def (\w+)", source, re.MULTILINE)
    methods += re.findall(r"^    @property\n    @abstractmethod\n    def (\w+)", source, re.MULTILINE)
    assert methods
    assert [method for method in methods if f"`{method}" not in page and f"def {method}" not in page] == []


def test_every_option_says_in_a_sentence_what_happens():
    options = [option for owner in all_options(PluginManager.load()) for option in declared(owner)]
    assert options
    assert [option.flag for option in options if not option.facts.help.rstrip(")").endswith(".")] == []


def test_no_two_options_share_a_name():
    options = [option for owner in all_options(PluginManager.load()) for option in declared(owner)]
    flags = [flag for option in options for flag in (option.flag, *option.hidden_flags)]
    assert sorted(flags) == sorted(set(flags))


@pytest.mark.parametrize("writer", ["write_options.py", "write_reference.py"])
def test_pages_that_are_written_from_the_code_are_current(root, writer):
    command = [sys.executable, str(root / "docs" / writer), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_pages_lead_somewhere(root):
    broken = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(root)}: {target}")
    assert broken == []


def test_every_distribution_has_a_history(root):
    for project in root.glob("toil-*/pyproject.toml"):
        version = re.search(r'^version = "(.*)"', project.read_text(), re.MULTILINE)
        assert version
        assert f"## {version[1]}\n" in (project.parent / "CHANGELOG.md").read_text()
