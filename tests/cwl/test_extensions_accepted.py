"""``--enable-ext``: what starts with ``cwltool:`` is checked and obeyed, or refused with the cure."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("version", ["v1.0", "v1.2"])
def test_a_required_extension_is_accepted_with_the_flag(tool, toil_cwl, version):
    told = toil_cwl("--enable-ext", tool(version=version))
    assert told.code == 0, told.text


def test_an_extension_is_checked_against_its_schema(tool, toil_cwl):
    told = toil_cwl("--enable-ext", tool(size="[1]"))
    assert told.code == 2
    assert "shmSize" in told.text
    assert "--enable-ext" not in told.text


def test_an_extension_that_is_a_hint_stops_nothing(tool, toil_cwl):
    told = toil_cwl(tool("hints"))
    assert told.code == 0, told.text
