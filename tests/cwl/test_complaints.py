"""What is wrong with a document is told with its place, with what was expected, and with what was meant."""

from __future__ import annotations

import shutil

import pytest

from toil_cwl.cli import main

TOOL = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  message: {type: string, inputBinding: {}}
outputs: []
"""
WORKFLOW = """cwlVersion: v1.2
class: Workflow
inputs: {word: string}
outputs: []
steps:
  say:
    run: tool.cwl
    in: {message: word}
    out: []
"""


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """What the command says of a document; it is one line without a traceback."""
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "wrong.cwl").write_text(TOOL.replace("type: string", "type: strin"))
    monkeypatch.chdir(tmp_path)

    def check(text):
        (tmp_path / "doc.cwl").write_bytes(text if isinstance(text, bytes) else text.encode())
        assert main(["--validate", "doc.cwl"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1, said.err
        return said.err.removeprefix("toil-cwl: error: ").strip()

    return check


def change(text, before, after):
    assert before in text
    return text.replace(before, after)


PREFIX = "doc.cwl is not a CWL document that can be run: "
COMPLAINTS = {
    "a field": (
        change(TOOL, "inputBinding: {}", "inputBinding: {postion: 1}"),
        "doc.cwl:5:42: invalid field 'postion', expected one of: 'loadContents', 'position', 'prefix', "
        "'separate', 'itemSeparator', 'valueFrom', 'shellQuote'. Did you mean position?",
    ),
    "a value": (
        change(TOOL, "baseCommand: echo", "baseCommand: {a: 1}"),
        "doc.cwl:3:1: the 'baseCommand' field is not valid: value is a CommentedMap, "
        "expected null or string or array of <string>",
    ),
    "a value of many types": (
        TOOL + "requirements: {ResourceRequirement: {coresMin: many}}\n",
        "doc.cwl:7:38: the 'coresMin' field is not valid: the value \"'many'\" is not long, the value \"'many'\" "
        "is not float or double, value 'many' does not contain an expression in the form $() or ${}",
    ),
    "a class": (
        change(TOOL, "CommandLineTool", "CommandLineTol"),
        "doc.cwl:2:1: Field 'class' contains undefined reference to '{here}/CommandLineTol'. "
        "Did you mean CommandLineTool?",
    ),
    "no class": (
        change(TOOL, "class: CommandLineTool\n", ""),
        "doc.cwl:1:1: Missing 'class' field. A process has a class: CommandLineTool, ExpressionTool, Operation or "
        "Workflow",
    ),
    "a requirement": (
        TOOL + "requirements: {InlineJavascriptRequiremnt: {}}\n",
        "doc.cwl:7:16: Field 'class' contains undefined reference to '{here}/InlineJavascriptRequiremnt'. "
        "Did you mean InlineJavascriptRequirement?",
    ),
    "a type": (
        change(TOOL, "type: string", "type: strin"),
        "doc.cwl:5:13: Field 'type' references unknown identifier 'strin', tried {here}/doc.cwl#strin. "
        "Did you mean string?",
    ),
    "two sources": (
        change(
            change(WORKFLOW, "outputs: []", "outputs: {o: {type: string, outputSource: stp/out}}"), "word}\n", "b}\n"
        ),
        "doc.cwl:4:29: Field 'outputSource' references unknown identifier 'stp/out', tried "
        "{here}/doc.cwl#o/stp/out {here}/doc.cwl#stp/out; doc.cwl:8:10: Field 'source' references unknown "
        "identifier 'b', tried {here}/doc.cwl#b",
    ),
    "a file that is not there": (
        change(WORKFLOW, "tool.cwl", "tol.cwl"),
        "doc.cwl:7:5: Field 'run' contains undefined reference to '{here}/tol.cwl'",
    ),
    "a tool that is wrong": (
        change(WORKFLOW, "tool.cwl", "wrong.cwl"),
        "wrong.cwl:5:13: Field 'type' references unknown identifier 'strin', tried {here}/wrong.cwl#strin. "
        "Did you mean string?",
    ),
    "an input that the tool wants": (
        change(WORKFLOW, "message:", "mesage:"),
        "doc.cwl:8:5: Step is missing required parameter 'message'",
    ),
    "types that do not fit": (
        change(WORKFLOW, "word: string", "word: int"),
        "doc.cwl:3:10: Source 'word' of type \"int\" is incompatible doc.cwl:8:10: with sink 'message' of type "
        '"string"',
    ),
    "a requirement that is not asked for": (
        change(WORKFLOW, "    run:", "    scatter: message\n    run:"),
        "Workflow contains scatter but ScatterFeatureRequirement not in requirements. "
        "Add to the workflow: requirements: {ScatterFeatureRequirement: {}}",
    ),
    "YAML": (
        "cwlVersion: v1.2\n\tclass: Workflow\n",
        "while scanning for the next token doc.cwl:2:1: found character '\\t' that cannot start any token",
    ),
    "bytes": (b"\xfc\xff", "cwltool cannot read it (UnicodeDecodeError: "),
    "nothing": ("", "it is empty"),
}


@pytest.mark.parametrize("kind", COMPLAINTS)
def test_a_document_is_wrong_in(told, tmp_path, kind):
    text, expected = COMPLAINTS[kind]
    found = told(text)
    assert found.startswith(PREFIX + expected.replace("{here}", str(tmp_path)))
    assert kind == "bytes" or found == PREFIX + expected.replace("{here}", str(tmp_path))


def test_many_complaints_are_counted(told):
    names = [f"  m{number}: {{type: nothing{number}}}" for number in range(5)]
    found = told(change(TOOL, "  message:", "\n".join(names) + "\n  message:"))
    assert found.count("references unknown identifier") == 3
    assert found.endswith("; and 2 more")


def test_a_workflow_that_runs_itself_is_told(told):
    found = told(change(change(WORKFLOW, "tool.cwl", "doc.cwl"), "message: word", "word: word"))
    assert found == "doc.cwl runs itself, directly or through others. A workflow must come to an end"


@pytest.mark.parametrize("value", ["3", "null", "[1]", "'x'", "{}", "[null]", "[[]]", "{a: [3]}"])
@pytest.mark.parametrize("field", ["inputs", "outputs", "steps", "class", "cwlVersion", "requirements"])
def test_no_value_of_a_field_is_a_traceback(tmp_path, monkeypatch, capsys, field, value):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tool.cwl").write_text(TOOL)
    kept = [line for line in WORKFLOW.splitlines() if not line.startswith((field, " " * (field == "steps") + " "))]
    (tmp_path / "doc.cwl").write_text("\n".join([*kept, f"{field}: {value}"]))
    assert main(["--validate", "doc.cwl"]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("node") is None and shutil.which("nodejs") is None, reason="needs an interpreter")
def test_validation_doubts_what_is_legal_and_looks_wrong(tmp_path, monkeypatch, capsys, caplog):
    monkeypatch.chdir(tmp_path)
    more = "arguments: ['${return 1 +;}', $(inputs.message)]\nrequirements: {InlineJavascriptRequirement: {}}\n"
    (tmp_path / "doc.cwl").write_text(f"{TOOL}{more}hints: {{NoSuchRequirement: {{}}}}\n")
    assert main(["--validate", "doc.cwl"]) == 0
    assert capsys.readouterr().out == "doc.cwl is valid CWL.\n"
    said = [record.getMessage() for record in caplog.records if record.name == "toil.cwl"]
    assert said[0].startswith("doc.cwl:9:9: Unknown hint ") or said[-1].startswith("doc.cwl:9:9: Unknown hint ")
    assert "doc.cwl:7:13: E030: Expected an identifier and instead saw ';'. In: (function(){return 1 +;})()" in said


TOOL_THAT_THROWS = (
    TOOL + "arguments: ['${throw new Error(\"no way\")}']\nrequirements: {InlineJavascriptRequirement: {}}\n"
)
INNER = WORKFLOW.replace("cwlVersion: v1.2\n", "").replace("tool.cwl", "throws.cwl")
NESTED = f"""cwlVersion: v1.2
class: Workflow
inputs: {{word: string}}
outputs: []
requirements: {{SubworkflowFeatureRequirement: {{}}}}
steps:
  outer:
    run:
{"".join(f"      {line}{chr(10)}" for line in INNER.splitlines())}
    in: {{word: word}}
    out: []
"""
COMPUTES = """cwlVersion: v1.2
class: ExpressionTool
inputs: {word: string}
outputs: {o: Any}
requirements: {InlineJavascriptRequirement: {}}
expression: "${return {o: inputs.nothing.deep};}"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            NESTED,
            'FAILED  outer/say: throws.cwl:7:13: the expression ${throw new Error("no way")} failed: Error: no way',
        ),
        (COMPUTES, "FAILED  doc: the expression ${return {o: inputs.nothing.deep};} failed: TypeError: Cannot read"),
    ],
    ids=["in a step", "of an expression tool"],
)
def test_an_expression_that_fails_is_told_with_its_step(toil_cwl, tmp_path, text, said):
    (tmp_path / "throws.cwl").write_text(TOOL_THAT_THROWS)
    (tmp_path / "doc.cwl").write_text(text)
    told = toil_cwl("--quiet", "--retry-count", "0", "doc.cwl", "--word", "x")
    assert told.code == 1
    assert said in told.text
