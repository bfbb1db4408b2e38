"""``--enable-ext``: what starts with ``cwltool:`` is checked and obeyed, or refused with the cure."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from toil_core.errors import UsageError
from toil_cwl import door
from toil_cwl.options import CwlOptions

TOOL = """
cwlVersion: {version}
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#"}}
{section}:
  cwltool:ShmSize: {{shmSize: {size}}}
baseCommand: "true"
inputs: []
outputs: []
"""


@pytest.fixture
def tool(tmp_path):
    def make(section="requirements", size="64m", version="v1.2"):
        (tmp_path / "tool.cwl").write_text(TOOL.format(section=section, size=size, version=version))
        return "tool.cwl"

    return make


def test_a_required_extension_is_refused_with_the_flag_that_allows_it(tool, toil_cwl):
    told = toil_cwl(tool())
    assert told.code == 2
    assert "tool.cwl:6:3" in told.text
    assert "cwltool#ShmSize" in told.text
    assert told.text.rstrip().endswith("Try --enable-ext")


def test_a_required_extension_is_accepted_with_the_flag(tool, toil_cwl):
    told = toil_cwl("--enable-ext", tool())
    assert told.code == 0, told.text


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_older_versions_of_the_language_have_extensions_too(tool, tmp_path, version):
    door.load_document((tmp_path / tool(version=version)).as_uri(), CwlOptions(enable_ext=True))


def test_an_extension_is_checked_against_its_schema(tool, tmp_path):
    with pytest.raises(UsageError) as error:
        door.load_document((tmp_path / tool(size="[1]")).as_uri(), CwlOptions(enable_ext=True))
    assert "shmSize" in error.value.message
    assert "--enable-ext" not in str(error.value)


def test_an_extension_that_is_a_hint_stops_nothing(tool, toil_cwl):
    told = toil_cwl(tool("hints"))
    assert told.code == 0, told.text


def test_every_extension_is_told_of_on_its_page():
    page = (Path(__file__).parents[2] / "docs" / "cwl-extensions.md").read_text()
    named = {
        one["name"]
        for file in files("cwltool").iterdir()
        if file.name.startswith("extensions")
        for one in YAML(typ="safe").load(file.read_text())["$graph"]
        if "class" in str(one.get("fields"))
    }
    assert {"Loop", "Secrets", "TimeLimit"} <= named
    assert sorted(name for name in named if f"cwltool:{name}`" not in page) == []
