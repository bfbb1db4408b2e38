"""Directories that an expression makes of files that jobs made."""

from __future__ import annotations

from pathlib import Path


def test_a_directory_literal_of_made_files_keeps_its_listing_and_can_be_handed_through(toil_cwl, documents):
    told = toil_cwl("--outdir", "out", documents / "literal.cwl")
    assert told.code == 0, told.text
    assert Path(told.outputs["shown"]["path"]).read_text() == "made\n"
    assert Path(told.outputs["folder"]["path"], "inner", "made.txt").read_text() == "made\n"
