"""How much memory a tool is given that does not say, or says too little."""

from __future__ import annotations

import pytest

from toil_cwl import resources
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions

MIB = 1024**2


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """The memory of a tool of a version that asks for so much, in MiB."""
    monkeypatch.chdir(tmp_path)

    def given(version, asked, **options):
        needs = f"hints: {{ResourceRequirement: {{{asked}}}}}\n" if asked else ""
        text = f"cwlVersion: {version}\nclass: CommandLineTool\nbaseCommand: x\ninputs: []\noutputs: []\n{needs}"
        (tmp_path / "tool.cwl").write_text(text)
        chosen = CwlOptions(**options)
        root = load_with_inputs("tool.cwl", [], chosen)[0].document.root
        found = resources.static_requirements(root, chosen).memory
        return None if found is None else found / MIB

    return given


@pytest.mark.parametrize(("version", "expected"), [("v1.0", 1024), ("v1.1", 256), ("v1.2", 256)])
def test_a_tool_that_does_not_say_gets_what_its_version_says(memory, version, expected):
    assert memory(version, "") == expected
    assert memory(version, "coresMin: 2") == expected


def test_or_what_the_engine_gives_by_default(memory):
    assert memory("v1.2", "coresMin: 2", cwl_default_ram=False) is None
    assert memory("v1.2", "ramMin: 100", cwl_default_ram=False) == 100
    assert memory("v1.2", "ramMax: 100", cwl_default_ram=False) == 100


def test_there_may_be_a_least(memory):
    assert memory("v1.2", "ramMin: 100", cwl_min_ram=300 * MIB) == 300
    assert memory("v1.2", "ramMin: 400", cwl_min_ram=300 * MIB) == 400
    assert memory("v1.2", "", cwl_min_ram=300 * MIB) == 300
