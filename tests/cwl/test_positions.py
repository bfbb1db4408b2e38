"""What is wrong with an input is told with the line of the job order that gives it."""

from __future__ import annotations

import io
import sys

import pytest

from toil_cwl.cli import main

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs: {word: string, number: int?, file: File?}
outputs: []
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "tool.cwl").write_text(TOOL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "job.yml",
            "word: hi\nnumber: many\n",
            "job.yml:2:1: Invalid job input record: the 'number' field is not valid",
        ),
        (
            "job.json",
            '{"word": "hi",\n "number": "many"}',
            "job.json:2:2: Invalid job input record: the 'number' field",
        ),
        ("job.yml", "word: hi\n\nnumbr: 3\n", 'job.yml:3:1: The document has no input "numbr". Did you mean number?'),
        ("job.yml", "file: {class: File, path: gone}\nword: hi\n", 'job.yml:1:1: The input "file" names '),
        ("job.yml", "word: hi\nfile: {class: File, path: 3}\n", 'job.yml:2:1: The input "file" is wrong: the path'),
    ],
)
def test_an_input_of_a_job_order(folder, capsys, name, text, said):
    (folder / name).write_text(text)
    assert main(["--validate", "tool.cwl", name]) == 2
    assert capsys.readouterr().err.startswith(f"toil-cwl: error: {said}")


def test_an_input_of_stdin(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("word: hi\nnumber: many\n"))
    assert main(["--validate", "tool.cwl", "-"]) == 2
    assert "error: stdin:2:1: Invalid job input record" in capsys.readouterr().err


def test_a_flag_that_replaced_an_input_has_no_position(folder, capsys):
    (folder / "job.yml").write_text("word: hi\nfile: {class: File, path: tool.cwl}\n")
    assert main(["--validate", "tool.cwl", "job.yml", "--file", "gone"]) == 2
    assert 'error: The input "file" names ' in capsys.readouterr().err


def test_a_run_tells_it_too(toil_cwl, folder):
    (folder / "job.yml").write_text("word: hi\nnumber: many\n")
    told = toil_cwl("tool.cwl", "job.yml")
    assert told.code == 2
    assert "error: job.yml:2:1: Invalid job input record: the 'number' field is not valid" in told.text
