"""Processes that are made by the run itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.errors import UsageError
from toil_cwl import door
from toil_cwl.options import CwlOptions


def test_a_process_that_a_tool_made_is_run(toil_cwl, documents):
    words = ["--word", "echo", "--text", "hello"]
    told = toil_cwl("--enable-ext", "--outdir", "out", f"{documents}/generator.cwl#alone", *words)
    assert told.code == 0, told.text
    assert Path(told.outputs["out"]["path"]).read_text() == "hello\n"


def test_a_step_that_makes_its_process_can_be_scattered(toil_cwl, documents):
    words = ["--words", "echo", "--words", "printf", "--text", "hello"]
    told = toil_cwl("--enable-ext", "--outdir", "out", f"{documents}/generator.cwl#inside", *words)
    assert told.code == 0, told.text
    assert [Path(one["path"]).read_text() for one in told.outputs["out"]] == ["hello\n", "hello"]


def test_what_was_made_and_is_no_process_is_told_of(toil_cwl, documents):
    told = toil_cwl("--enable-ext", f"{documents}/generator.cwl#wrong")
    assert told.code == 1
    assert "made.cwl" in told.text
    assert "cwlVersion" in told.text


def test_a_generator_needs_the_flag(documents):
    with pytest.raises(UsageError, match="Try --enable-ext"):
        door.load_document(f"{(documents / 'generator.cwl').as_uri()}#wrong", CwlOptions())
