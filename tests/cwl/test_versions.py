"""Documents of each version of the language keep its rules, also where one runs another."""

from __future__ import annotations

import pytest

from toil_cwl import door
from toil_cwl.cli import main
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions

LISTING = """
cwlVersion: {version}
class: CommandLineTool
requirements: {{InlineJavascriptRequirement: {{}}}}
baseCommand: echo
arguments: [-n, "$(inputs.folder.listing ? inputs.folder.listing.map(one => one.basename).sort().join() : 'none')"]
inputs: {{folder: Directory}}
stdout: said.txt
outputs:
  said:
    type: string
    outputBinding: {{glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}
"""
DEEP = LISTING.replace("inputs.folder.listing", "inputs.folder.listing.filter(one => one.listing)[0].listing")
STDIN = """
cwlVersion: {version}
class: CommandLineTool
baseCommand: cat
inputs: {{text: stdin}}
stdout: said.txt
outputs:
  said: {{type: string, outputBinding: {{glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}}}
requirements: {{InlineJavascriptRequirement: {{}}}}
"""
CONTENTS = """
cwlVersion: {version}
class: ExpressionTool
requirements: {{InlineJavascriptRequirement: {{}}}}
inputs: {{text: {{type: File, {field}}}}}
outputs: {{said: string}}
expression: "${{return {{said: inputs.text.contents}};}}"
"""
STAGED = """
cwlVersion: {version}
class: CommandLineTool
requirements:
  InlineJavascriptRequirement: {{}}
  InitialWorkDirRequirement:
    listing:
      - {{entryname: a.txt, entry: $(inputs.text)}}
      - {{entryname: b.txt, entry: "made of $(inputs.text.basename)", writable: true}}
      - $(inputs.folder)
baseCommand: [cat, a.txt, b.txt, folder/inner/deep.txt]
inputs:
  text: {{type: File, default: {{class: File, basename: literal.txt, contents: "from a literal;"}}}}
  folder: Directory
stdout: said.txt
outputs:
  said: {{type: string, outputBinding: {{glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}}}
"""
STEPS = {
    "listing_0": ("listing-v1.0.cwl", "folder", "inner,top.txt"),
    "listing_1": ("listing-v1.1.cwl", "folder", "none"),
    "listing_2": ("listing-v1.2.cwl", "folder", "none"),
    "deep_0": ("deep-v1.0.cwl", "folder", "deep.txt"),
    "stdin_1": ("stdin-v1.1.cwl", "text", "content"),
    "stdin_2": ("stdin-v1.2.cwl", "text", "content"),
    "contents_0": ("contents-v1.0.cwl", "text", "content"),
    "contents_1": ("contents-v1.1.cwl", "text", "content"),
    "staged_0": ("staged-v1.0.cwl", "folder", "from a literal;made of literal.txtdeep"),
    "staged_1": ("staged-v1.1.cwl", "folder", "from a literal;made of literal.txtdeep"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with the documents of all versions, which is also the current one."""
    for version in ("v1.0", "v1.1", "v1.2"):
        field = "inputBinding: {loadContents: true}" if version == "v1.0" else "loadContents: true"
        documents = {"listing": LISTING, "deep": DEEP, "stdin": STDIN, "contents": CONTENTS, "staged": STAGED}
        for name, text in documents.items():
            (tmp_path / f"{name}-{version}.cwl").write_text(text.format(version=version, field=field))
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "folder/inner/deep.txt").write_text("deep")
    (tmp_path / "folder/top.txt").write_text("top")
    (tmp_path / "text.txt").write_text("content")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def workflow(version, steps):
    """A workflow of a version that runs tools of other versions; an output for each step."""
    lines = [f"cwlVersion: {version}", "class: Workflow", "inputs: {folder: Directory, text: File}", "outputs:"]
    lines += [f"  {name}: {{type: string, outputSource: {name}/said}}" for name in steps]
    lines.append("steps:")
    lines += [
        f"  {name}: {{run: {run}, in: {{{given}: {given}}}, out: [said]}}" for name, (run, given, _) in steps.items()
    ]
    return "\n".join(lines) + "\n"


def test_tools_keep_the_rules_of_their_versions_in_a_workflow_of_another(toil_cwl, folder):
    (folder / "main.cwl").write_text(workflow("v1.2", STEPS))
    told = toil_cwl("--quiet", "main.cwl", "--folder", "folder", "--text", "text.txt")
    assert told.code == 0, told.text
    assert told.outputs == {name: said for name, (_, _, said) in STEPS.items()}


def test_an_old_workflow_runs_by_itself(toil_cwl, folder):
    steps = {name: step for name, step in STEPS.items() if name.endswith("0")}
    (folder / "main.cwl").write_text(workflow("v1.0", steps))
    told = toil_cwl("--quiet", "main.cwl", "--folder", "folder", "--text", "text.txt")
    assert told.code == 0, told.text
    assert told.outputs == {name: said for name, (_, _, said) in steps.items()}


@pytest.mark.parametrize(("version", "is_given"), [("v1.0", True), ("v1.1", False), ("v1.2", False)])
def test_only_tools_of_the_first_version_have_the_network_unasked(version, is_given):
    root = load_with_inputs(f"listing-{version}.cwl", [], CwlOptions())[0].document.root
    assert bool((door.requirement(root, "NetworkAccess") or {}).get("networkAccess")) is is_given


TOO_NEW = {
    "loadContents of an input in v1.0": (
        "v1.0",
        CONTENTS.format(version="v1.0", field="loadContents: true"),
        "loadContents",
    ),
    "a condition in v1.1": (
        "v1.1",
        workflow("v1.1", {"a": STEPS["listing_1"]}).replace("out: [said]", "out: [said], when: $(true)"),
        "invalid field 'when'",
    ),
    "a choice of sources in v1.1": (
        "v1.1",
        workflow("v1.1", {"a": STEPS["listing_1"]}).replace("a/said", "[a/said], pickValue: first_non_null"),
        "invalid field 'pickValue'",
    ),
    "an abstract operation in v1.1": (
        "v1.1",
        "cwlVersion: v1.1\nclass: Operation\ninputs: []\noutputs: []\n",
        "Operation",
    ),
}


@pytest.mark.parametrize("feature", TOO_NEW)
def test_what_a_version_does_not_have_is_refused(folder, capsys, feature):
    version, text, said = TOO_NEW[feature]
    (folder / "new.cwl").write_text(text)
    assert main(["--validate", "new.cwl"]) == 2
    assert said in capsys.readouterr().err
    newest = text.replace(f"cwlVersion: {version}", "cwlVersion: v1.2")
    (folder / "new.cwl").write_text(newest)
    assert main(["--validate", "new.cwl"]) == 0


def test_a_secondary_file_may_be_absent_only_where_a_version_can_say_so(folder, capsys):
    head = "class: CommandLineTool\nbaseCommand: cat\noutputs: []\n"
    optional = "{pattern: .idx, required: false}"
    cases = [("v1.0", ".idx", 2), ("v1.1", ".idx", 2), ("v1.1", ".idx?", 0), ("v1.2", optional, 0)]
    for version, pattern, code in cases:
        (folder / "tool.cwl").write_text(
            f"cwlVersion: {version}\n{head}inputs: {{f: {{type: File, secondaryFiles: {pattern}}}}}\n"
        )
        assert main(["--validate", "tool.cwl", "--f", "text.txt"]) == code, (version, pattern)
    assert "text.txt.idx" in capsys.readouterr().err
