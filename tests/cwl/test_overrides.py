"""Requirements put upon a document from outside: by a file, or by a job order."""

from __future__ import annotations

import shutil

import pytest

from toil_core.errors import UsageError
from toil_cwl import door
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions


@pytest.fixture(autouse=True)
def folder(documents, tmp_path, monkeypatch):
    """A folder with the workflow main.cwl, which is also the current one."""
    shutil.copytree(documents / "parts", tmp_path, dirs_exist_ok=True)
    old = (tmp_path / "echo.cwl").read_text().replace("v1.2", "v1.0")
    (tmp_path / "old.cwl").write_text(old)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def overrides(key="cwltool:overrides", **targets):
    """The text of overrides: what each target has in its variable FROM."""
    lines = [
        f"  {target}: {{requirements: {{EnvVarRequirement: {{envDef: {{FROM: {value}}}}}}}}}"
        for target, value in targets.items()
    ]
    return "\n".join([f"{key}:", *lines]) + "\n"


def sees(process):
    """What a process would find in its variable FROM."""
    found = door.requirement(process, "EnvVarRequirement")
    return found["envDef"][0]["envValue"] if found else None


def tools(loaded):
    """That of each step's tool."""
    steps = {str(step.tool["id"]).rpartition("#")[2]: door.step_tool(step) for step in door.steps(loaded.document.root)}
    return {name: sees(process) for name, process in steps.items()}


def test_a_file_overrides_a_tool_wherever_it_runs(folder):
    (folder / "over.yml").write_text(overrides(**{"echo.cwl": "tool"}))
    loaded, _ = load_with_inputs("main.cwl", [], CwlOptions(overrides="over.yml"))
    assert tools(loaded) == {"shout": "tool", "join": "tool", "other": "workflow"}


def test_a_file_overrides_one_step(folder):
    (folder / "over.yml").write_text(overrides(**{"main.cwl#join": "step"}))
    loaded, _ = load_with_inputs("main.cwl", [], CwlOptions(overrides="over.yml"))
    assert tools(loaded) == {"shout": "workflow", "join": "step", "other": "workflow"}


def test_overrides_are_relative_to_the_document_not_to_themselves(folder):
    (folder / "far").mkdir()
    (folder / "far/over.yml").write_text(overrides(**{"echo.cwl": "tool"}))
    loaded, _ = load_with_inputs("main.cwl", [], CwlOptions(overrides="far/over.yml"))
    assert tools(loaded)["join"] == "tool"


@pytest.mark.parametrize("key", ["cwltool:overrides", "cwl:overrides"])
def test_a_job_order_overrides_too_and_its_overrides_are_no_input(folder, key):
    (folder / "job.yml").write_text(overrides(key, **{"echo.cwl": "tool"}) + "words: [a]\n")
    loaded, order = load_with_inputs("main.cwl", ["job.yml"], CwlOptions())
    assert tools(loaded)["join"] == "tool"
    assert order == {"words": ["a"]}


def test_a_job_order_wins_over_a_file_and_its_requirements_over_both(folder):
    (folder / "over.yml").write_text(overrides(**{"echo.cwl": "file"}))
    (folder / "job.yml").write_text(overrides(**{"echo.cwl": "order"}))
    loaded, _ = load_with_inputs("echo.cwl", ["job.yml"], CwlOptions(overrides="over.yml"))
    assert sees(loaded.document.root) == "order"
    with (folder / "job.yml").open("a") as order:
        order.write("cwl:requirements: [{class: EnvVarRequirement, envDef: {FROM: requirements}}]\n")
    loaded, _ = load_with_inputs("echo.cwl", ["job.yml"], CwlOptions(overrides="over.yml"))
    assert sees(loaded.document.root) == "requirements"


@pytest.mark.parametrize("head", ["id: named\n", "$graph:\n- id: main\n  "])
def test_the_requirements_of_a_job_order_are_the_root_process_s_whatever_it_is_called(folder, head):
    body = "class: CommandLineTool\n  baseCommand: env\n  inputs: []\n  outputs: []\n"
    body = body if "graph" in head else body.replace("\n  ", "\n")
    (folder / "root.cwl").write_text(f"cwlVersion: v1.2\n{head}{body}")
    (folder / "job.yml").write_text("cwl:requirements: {EnvVarRequirement: {envDef: {FROM: order}}}\n")
    loaded, _ = load_with_inputs("root.cwl", ["job.yml"], CwlOptions())
    assert sees(loaded.document.root) == "order"


@pytest.mark.parametrize("name", ["WorkReuse: {enableReuse: false}", "ToolTimeLimit: {timelimit: 9}"])
def test_requirements_that_are_newer_than_the_first_version_can_be_overridden(folder, name):
    (folder / "over.yml").write_text(f"cwltool:overrides: {{echo.cwl: {{requirements: {{{name}}}}}}}\n")
    loaded, _ = load_with_inputs("echo.cwl", [], CwlOptions(overrides="over.yml"))
    assert door.requirement(loaded.document.root, name.partition(":")[0])


def test_what_is_overridden_is_what_runs(toil_cwl, folder):
    (folder / "over.yml").write_text(overrides(**{"main.cwl#shout": "over"}))
    words = ["--target", "shouted", "--overrides", "over.yml", "main.cwl", "--words", "a"]
    told = toil_cwl("--quiet", *words)
    assert (told.code, told.outputs, told.text) == (0, {"shouted": ["a!over"]}, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: 2", r"Cannot read the overrides in over.yml: over.yml:1:4"),
        ("something: else", "over.yml is no file of overrides. It starts with: cwltool:overrides:"),
        (
            overrides(**{"echo.cwl": "x"}).replace("EnvVar", "EnvVat"),
            '"EnvVatRequirement" upon the document, and there is none. Did you mean EnvVarRequirement?',
        ),
        (None, "There is no file of overrides over.yml"),
    ],
)
def test_overrides_that_are_wrong_are_told_in_one_line(folder, text, said):
    if text is not None:
        (folder / "over.yml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load_with_inputs("echo.cwl", [], CwlOptions(overrides="over.yml"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_document_of_the_first_version_takes_overrides_but_no_requirements_from_a_job_order(folder):
    (folder / "job.yml").write_text(overrides(**{"old.cwl": "order"}))
    loaded, _ = load_with_inputs("old.cwl", ["job.yml"], CwlOptions())
    assert sees(loaded.document.root) == "order"
    (folder / "job.yml").write_text("cwl:requirements: [{class: EnvVarRequirement, envDef: {FROM: x}}]\n")
    with pytest.raises(UsageError, match=r"to a document of v1\.0\. Use cwltool:overrides"):
        load_with_inputs("old.cwl", ["job.yml"], CwlOptions())
