"""A tool that runs past its time limit is ended, with everything that it started."""

from __future__ import annotations

import sys

import pytest

from toil_core.system.processes import wait_for_end

TOOL = """
cwlVersion: {version}
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#"}}
requirements:
  InlineJavascriptRequirement: {{}}
  {limit}
baseCommand: [sh, -c, '{script}']
inputs: {{pids: {{type: string, inputBinding: {{}}}}}}
outputs: []
"""
LINGERS = 'setsid sleep 600 & echo $! $$ > "$0"; sleep 600'


@pytest.fixture
def limited(toil_cwl, tmp_path):
    def run(limit, script=LINGERS, version="v1.2"):
        (tmp_path / "tool.cwl").write_text(TOOL.format(limit=limit, script=script, version=version))
        return toil_cwl("--enable-ext", "--retry-count=0", "tool.cwl", "--pids", tmp_path / "pids")

    return run


@pytest.mark.skipif(sys.platform != "linux", reason="follows processes by pidfd")
@pytest.mark.parametrize(
    ("limit", "version"),
    [
        ("ToolTimeLimit: {timelimit: $(2 - 1)}", "v1.2"),
        ("cwltool:TimeLimit: {timelimit: 1}", "v1.0"),
    ],
)
def test_a_tool_is_ended_at_its_time_limit_with_all_that_it_started(limited, tmp_path, limit, version):
    told = limited(limit, version=version)
    assert told.code == 1
    assert "the tool was ended: it ran longer than its time limit of 1 seconds" in told.text
    for pid in (tmp_path / "pids").read_text().split():
        assert wait_for_end(int(pid), timeout_seconds=10)


def test_zero_is_no_time_limit(limited):
    assert limited("ToolTimeLimit: {timelimit: 0}", "true").code == 0


def test_a_negative_time_limit_is_an_error(limited):
    told = limited("ToolTimeLimit: {timelimit: $(-1)}", "true")
    assert told.code == 1
    assert "timelimit must be an integer >= 0, got: -1" in told.text
