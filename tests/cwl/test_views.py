"""What can be shown of a document is what the reference runner shows of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from toil_cwl.cli import main

REFERENCE = """
import io, json, sys
from cwltool.main import main
from toil_cwl.schemas import prime
prime({"v1.0", "v1.2"}, extended=False)  # it makes them of YAML otherwise, for many seconds
found = {}
for line in json.loads(sys.argv[1]):
    out = io.StringIO()
    try:
        main(
            ["--quiet", *line.split()],
            stdout=out,
            stderr=io.StringIO(),
            custom_schema_callback=lambda: None,  # else it forgets the schemas that it has made
        )
    except SystemExit:
        pass
    found[line] = out.getvalue()
print(json.dumps(found))
"""
JSON_VIEWS = [
    "--pack main.cwl",
    "--pack echo.cwl",
    "--print-deps main.cwl",
    "--print-deps --relative-deps cwd main.cwl",
    "--print-input-deps reads.cwl files.yml",
    "--print-pre main.cwl",
    "--print-subgraph main.cwl",
    "--print-subgraph --target shouted main.cwl",
    "--print-subgraph --single-step join main.cwl",
    "--print-subgraph --single-process other main.cwl",
]
TEXT_VIEWS = [
    "--print-targets main.cwl",
    "--print-dot main.cwl",
    "--make-template main.cwl",
    "--print-supported-versions",
    "--validate main.cwl",
]
RDF_VIEWS = ["--print-rdf main.cwl", "--print-rdf --rdf-serializer nt echo.cwl"]
GRAPH = """
cwlVersion: v1.2
$graph:
- {id: one, class: CommandLineTool, inputs: [], outputs: [], baseCommand: "true"}
- {id: two, class: CommandLineTool, inputs: [], outputs: [], baseCommand: "true"}
"""
READS = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs:
  data: {type: File, secondaryFiles: .idx}
outputs: []
"""
# What rdflib says of itself to its own users.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.fixture(autouse=True)
def folder(documents, tmp_path, monkeypatch):
    """Where the documents, and job orders for them, are."""
    for document in (documents / "parts").iterdir():
        (tmp_path / document.name).write_text(document.read_text())
    (tmp_path / "graph.cwl").write_text(GRAPH)
    (tmp_path / "reads.cwl").write_text(READS)
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "data.txt.idx").write_text("index")
    (tmp_path / "files.yml").write_text("{data: {class: File, path: data.txt}}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """What the reference runner prints for a command line; all are run at once."""
    known = {}

    def printed(line, folder):
        if not known:
            lines = json.dumps([*JSON_VIEWS, *TEXT_VIEWS, *RDF_VIEWS])
            done = subprocess.run(
                [sys.executable, "-c", REFERENCE, lines], cwd=folder, capture_output=True, text=True, timeout=120
            )
            assert done.returncode == 0, done.stderr
            known.update(folder=folder, found=json.loads(done.stdout))
        return known["found"][line].replace(str(known["folder"]), str(folder))

    return printed


@pytest.fixture
def shown(capsys):
    """What our command prints."""

    def run(line):
        code = main(line.split())
        told = capsys.readouterr()
        assert code == 0, told.err
        return told.out

    return run


@pytest.mark.parametrize("line", JSON_VIEWS)
def test_json(reference, shown, folder, line):
    expected = reference(line, folder)
    assert expected
    assert json.loads(shown(line)) == json.loads(expected)


@pytest.mark.parametrize("line", TEXT_VIEWS)
def test_text(reference, shown, folder, line):
    expected = reference(line, folder)
    assert expected
    assert shown(line).rstrip("\n") == expected.rstrip("\n")


@pytest.mark.parametrize("line", RDF_VIEWS)
def test_rdf(reference, shown, folder, line):
    kind = "nt" if " nt " in line else "turtle"
    expected = Graph().parse(data=reference(line, folder), format=kind)
    assert len(expected) > 10
    assert isomorphic(Graph().parse(data=shown(line), format=kind), expected)


def test_a_packed_document_says_the_same_when_it_is_packed_again(shown, folder):
    packed = shown("--pack main.cwl")
    (folder / "packed.cwl").write_text(packed)
    assert json.loads(shown("--pack packed.cwl"))["$graph"] == json.loads(packed)["$graph"]


def test_a_part_keeps_every_source_of_a_list(shown):
    part = json.loads(shown("--print-subgraph --target joined main.cwl"))
    (join,) = [step for step in part["steps"] if step["id"].endswith("#join")]
    (word,) = [port for port in join["in"] if port["id"].endswith("/word")]
    assert [source.rpartition("#")[2] for source in word["source"]] == ["shout/said", "words"]


def test_the_inputs_of_a_document_are_its_help(shown, capsys):
    text = shown("--tool-help main.cwl")
    assert "--words string[]" in text
    assert "Required." in text
    assert 'Default: "!".' in text
    with pytest.raises(SystemExit) as left:
        main(["main.cwl", "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out == text


def test_inputs_are_checked_with_the_document_if_there_are_any(shown, capsys):
    assert shown("--validate echo.cwl --word a --end b") == "echo.cwl is valid CWL, and so are the inputs.\n"
    assert main(["--validate", "echo.cwl", "--word", "a"]) == 2
    assert "Missing required input parameter 'end'" in capsys.readouterr().err


def test_every_process_of_a_document_without_a_main_one_is_checked(shown, folder, capsys):
    assert shown("--validate graph.cwl") == "graph.cwl#one is valid CWL.\ngraph.cwl#two is valid CWL.\n"
    (folder / "graph.cwl").write_text(GRAPH.replace("id: two, class", "id: two, klass: 1, class"))
    assert main(["--validate", "graph.cwl"]) == 2
    assert "klass" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--pack --print-deps main.cwl", "--pack and --print-deps exclude each other"),
        ("--print-dot echo.cwl", "only workflows have a graph"),
        ("--relative-deps home --print-deps main.cwl", "not one of primary, cwd"),
        ("--print-subgraph --target joind main.cwl", 'no output, step or input "joind". Did you mean joined?'),
        ("--pack", "There is no document"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(capsys, line, said):
    assert main(line.split()) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1
