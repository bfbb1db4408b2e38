"""A configuration file may hold what only the command toil-cwl understands, whichever command reads it."""

from __future__ import annotations

import pytest

from toil_core.cli.options import all_options, read_run_options
from toil_core.config.parser import OptionParser
from toil_core.plugins.manager import PluginManager
from toil_cwl.cli import main
from toil_cwl.command_options import COMMAND_OPTIONS


@pytest.fixture
def configuration(tmp_path):
    (tmp_path / "c.yaml").write_text("quiet: true\ntmpdir_prefix: /scratch/x\nno_container: true\n")
    return tmp_path / "c.yaml"


def test_the_command_obeys_it(configuration, tmp_path, capsys):
    (tmp_path / "c.yaml").write_text("make_template: true\n")
    (tmp_path / "t.cwl").write_text("{cwlVersion: v1.2, class: CommandLineTool, inputs: {word: string}, outputs: []}")
    assert main(["--config", str(configuration), str(tmp_path / "t.cwl")]) == 0
    assert capsys.readouterr().out == "word: a_string  # type 'string'\n"


def test_other_commands_do_not_stumble_over_it(configuration):
    parser = OptionParser(prog="other")
    parser.add_argument("--config")
    found = parser.parse_args(["--config", str(configuration)])
    read_run_options(found, PluginManager.load())


def test_it_is_told_with_all_other_options():
    assert set(COMMAND_OPTIONS) <= set(all_options(PluginManager.load()))
