"""Steps that repeat: what each iteration is given, what comes out, and that none is done twice."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def loop(toil_cwl, documents):
    def run(name, *words):
        return toil_cwl("--enable-ext", "--outdir", "out", *words[:-1], f"{documents}/loops.cwl#{name}", *words[-1])

    return run


def test_the_outputs_of_the_last_iteration_are_those_of_the_step(loop):
    assert loop("last", ["--i", "1", "--by", "4"]).outputs == {"o": 13}


def test_a_loop_that_never_runs_has_no_outputs(loop):
    assert loop("last", ["--i", "10", "--by", "4"]).outputs == {"o": None}


def test_files_go_from_iteration_to_iteration(loop, tmp_path):
    (tmp_path / "text").write_text("start\n")
    told = loop("files", ["--text", "text"])
    assert Path(told.outputs["out"]["path"]).read_text() == "start\na\nab\nabb\n"


def test_a_workflow_that_loops_and_keeps_all_outputs_is_scattered(loop):
    assert loop("scattered", ["--starts", "2", "--starts", "9", "--starts", "3"]).outputs == {"o": [[3, 4], [], [4]]}


def test_a_workflow_that_loops_is_looped(loop):
    assert loop("nested", ["--i", "1"]).outputs == {"o": [[2, 3, 4], [3, 4]]}


def test_a_condition_that_is_no_truth_value_fails(loop):
    told = loop("maybe", ["--i", "1"])
    assert told.code == 1
    assert "the condition '$(inputs.i)' is 1, neither true nor false" in told.text


def test_a_loop_may_be_limited(loop):
    assert loop("last", "--cwl-loop-iteration-limit=3", ["--i", "1", "--by", "4"]).outputs == {"o": 13}
    told = loop("last", "--cwl-loop-iteration-limit=2", ["--i", "1", "--by", "4"])
    assert told.code == 1
    assert "the loop is not done after 2 iterations" in told.text


def test_a_loop_goes_on_after_a_restart_without_doing_an_iteration_twice(toil_cwl, tmp_path):
    (tmp_path / "loop.cwl").write_text(
        """
cwlVersion: v1.2
class: Workflow
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
requirements: {InlineJavascriptRequirement: {}}
inputs: {i: int, log: string}
outputs: {o: {type: "int[]", outputSource: step/o}}
steps:
  step:
    in: {i: i, log: log}
    out: [o]
    requirements: {"cwltool:Loop": {loopWhen: $(inputs.i < 4), loop: {i: o}, outputMethod: all}}
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'echo $0 >> $1; test $0 -ne 2 || test -e $1.mended']
      inputs: {i: {type: int, inputBinding: {position: 1}}, log: {type: string, inputBinding: {position: 2}}}
      outputs: {o: {type: int, outputBinding: {outputEval: $(inputs.i + 1)}}}
"""
    )
    log = tmp_path / "log"
    words = ["--enable-ext", "--job-store", "store", "--retry-count=0"]
    inputs = ["loop.cwl", "--i", "0", "--log", log]
    assert toil_cwl(*words, *inputs).code == 1
    assert log.read_text().split() == ["0", "1", "2"]
    (tmp_path / "log.mended").touch()
    told = toil_cwl(*words, "--restart", *inputs)
    assert told.outputs == {"o": [1, 2, 3, 4]}
    assert log.read_text().split() == ["0", "1", "2", "2", "3"]
