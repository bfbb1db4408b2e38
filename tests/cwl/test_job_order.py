"""Inputs come from a file, from flags, or from both, with every location absolute."""

from __future__ import annotations

import io
import sys

import pytest

from toil_core.errors import UsageError
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: "true"
inputs:
  text: {type: string, default: x}
  number: int?
  flag: boolean?
  words: string[]?
  file: File?
  two_words: string?
  n: int?
  help: string?
  h: string?
  kind: ["null", {type: enum, symbols: [a, b]}]
  pair:
    - "null"
    - {type: record, name: pair, fields: [{name: left, type: string}, {name: right, type: int?}]}
outputs: []
"""


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """The input object of a command line."""
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "data.txt").write_text("12345")
    monkeypatch.chdir(tmp_path)

    def read(*words, **options):
        return load_with_inputs("tool.cwl", words, CwlOptions(**options))[1]

    return read


def test_no_inputs_are_an_empty_object(inputs):
    assert inputs() == {}


def test_a_job_order_may_be_yaml_or_json(inputs, tmp_path):
    (tmp_path / "job.yml").write_text("text: hi\nnumber: 3\nwords: [a, 'b c']\n")
    (tmp_path / "job.json").write_text('{"text": "hi", "number": 3, "words": ["a", "b c"]}')
    assert inputs("job.yml") == inputs("job.json") == {"text": "hi", "number": 3, "words": ["a", "b c"]}


def test_flags_win_over_the_job_order(inputs, tmp_path):
    (tmp_path / "job.yml").write_text("text: hi\nnumber: 3\n")
    assert inputs("job.yml", "--text", "ho") == {"text": "ho", "number": 3}
    assert inputs("job.yml", "--number", "4") == {"text": "hi", "number": 4}


def test_every_kind_of_flag(inputs, tmp_path):
    found = inputs("--number=4", "--flag", "--words", "a", "--words", "b", "--two_words", "c d", "--kind", "b")
    assert found == {"number": 4, "flag": True, "words": ["a", "b"], "two_words": "c d", "kind": "b"}


def test_a_name_of_one_letter_takes_one_dash_or_two(inputs):
    assert inputs("-n", "1") == inputs("--n", "1") == inputs("--n=1") == {"n": 1}


def test_an_input_may_be_called_help(inputs):
    assert inputs("--help", "a", "-h", "b") == {"help": "a", "h": "b"}


def test_the_fields_of_a_record_are_flags(inputs):
    assert inputs("--pair.left", "x", "--pair.right", "2") == {"pair": {"left": "x", "right": 2}}


@pytest.mark.parametrize("name", ["a b.txt", "a#b.txt", "a%20b.txt", "ä?.txt"])
def test_a_flag_takes_any_file_name(inputs, tmp_path, name):
    (tmp_path / name).write_text("12")
    assert inputs("--file", name)["file"]["basename"] == name
    assert inputs("--file", name)["file"]["size"] == 2


@pytest.mark.parametrize("path", ["data.txt", "./data.txt", "{tmp}/data.txt", "file://{tmp}/data.txt"])
def test_a_file_is_absolute_and_has_a_size_from_order_and_flag_alike(inputs, tmp_path, path):
    path = path.format(tmp=tmp_path)
    (tmp_path / "job.yml").write_text(f"file: {{class: File, location: {path}}}\n")
    for found in (inputs("job.yml"), inputs("--file", path)):
        assert found["file"]["location"] == (tmp_path / "data.txt").as_uri()
        assert found["file"]["basename"] == "data.txt"
        assert found["file"]["size"] == 5


def test_paths_are_relative_to_the_job_order_unless_a_folder_is_named(inputs, tmp_path):
    (tmp_path / "orders").mkdir()
    for folder, text in (("orders", "1"), (".", "22")):
        (tmp_path / folder / "near.txt").write_text(text)
    (tmp_path / "orders/job.yml").write_text("file: {class: File, path: near.txt}\n")
    assert inputs("orders/job.yml")["file"]["size"] == 1
    assert inputs("orders/job.yml", basedir=tmp_path)["file"]["size"] == 2


def test_a_dash_reads_the_job_order_from_stdin(inputs, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("file: {class: File, path: data.txt}\n"))
    assert inputs("-")["file"]["location"] == (tmp_path / "data.txt").as_uri()


def test_a_literal_file_needs_no_place(inputs, tmp_path):
    (tmp_path / "job.yml").write_text("file: {class: File, basename: a, contents: hi}\n")
    assert inputs("job.yml")["file"]["contents"] == "hi"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["missing.yml"], "missing.yml"),
        (["list.yml"], "no mapping of input names"),
        (["broken.yml"], "broken.yml"),
        (["gone.yml"], 'The input "file" names .*/gone.txt, which is not there'),
        (["--file", "gone.txt"], 'The input "file" names .*/gone.txt, which is not there'),
        (["--txt", "a"], "no input --txt"),
        (["--number", "many"], "number"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(inputs, tmp_path, words, told):
    (tmp_path / "list.yml").write_text("- a\n")
    (tmp_path / "broken.yml").write_text("a: [1\nb: 2\n")
    (tmp_path / "gone.yml").write_text("file: {class: File, path: gone.txt}\n")
    with pytest.raises(UsageError, match=told) as caught:
        inputs(*words)
    assert "\n" not in str(caught.value)


MALFORMED = {
    "": "The job order job.yml is empty. Write {} into it",
    "file: {class: File}": 'The input "file" is wrong: Anonymous file object must have',
    "file: {class: File, path: 3}": 'The input "file" is wrong: the path of a File is 3, which is no text',
    "file: {class: File, location: data.txt, format: [a]}": "the format of a File is ['a'], which is no text",
    "file: {class: File, basename: a, contents: 3}": "the contents of a File is 3, which is no text",
    "file: {class: Directory, listing: 3}": "Anonymous directory object must have",
    "cwl:requirements: 3": "no list of overrides, or of requirements. For each target: requirements: {CLASS: {...}}",
    "cwl:requirements: [3]": "no list of overrides, or of requirements",
    "cwltool:overrides: 3": "no list of overrides, or of requirements",
    "cwltool:overrides: [{a: 3}]": "no list of overrides, or of requirements",
    "cwltool:overrides: {tool.cwl: {}}": "no list of overrides, or of requirements",
    "cwltool:overrides: {tool.cwl: 3}": "Cannot use the overrides in the job order job.yml",
    "$namespaces: 3": "$namespaces must be a dictionary",
}


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_malformed_is_told_in_one_line(inputs, tmp_path, text):
    (tmp_path / "job.yml").write_text(text)
    with pytest.raises(UsageError) as caught:
        inputs("job.yml")
    assert MALFORMED[text] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_field_of_a_file_that_is_null_is_as_if_it_were_not_there(inputs, tmp_path):
    (tmp_path / "job.yml").write_text("file: {class: File, location: data.txt, format: null, contents: null}")
    assert inputs("job.yml")["file"]["size"] == 5
    assert "format" not in inputs("job.yml")["file"]


def test_what_a_job_order_says_of_its_document_is_no_input(inputs, tmp_path, caplog):
    (tmp_path / "job.yml").write_text("cwl:tool: other.cwl\ntext: hi\n")
    assert inputs("job.yml") == {"text": "hi"}
    assert caplog.records == []
