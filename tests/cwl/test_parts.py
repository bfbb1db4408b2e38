"""A part of a workflow runs alone: what a target needs, a step, or what a step runs."""

from __future__ import annotations

import json
import shutil

import pytest

from toil_core.errors import UsageError
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.ids import AttemptId
from toil_core.testing import MemoryPlace, MemoryStorage
from toil_cwl import registry, resources
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions

OVERRIDES = """
cwltool:overrides:
  echo.cwl: {requirements: {EnvVarRequirement: {envDef: {FROM: tool}}}}
  main.cwl#shout: {requirements: {EnvVarRequirement: {envDef: {FROM: step}}}}
"""


@pytest.fixture(autouse=True)
def folder(documents, tmp_path, monkeypatch):
    """A folder with the workflow main.cwl, which is also the current one."""
    shutil.copytree(documents / "parts", tmp_path, dirs_exist_ok=True)
    (tmp_path / "over.yml").write_text(OVERRIDES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


RUNS = {
    "--target joined main.cwl": ({"words": ["a", "b"]}, {"joined": "a!workflow-b!workflow-a-b!workflow"}),
    "--single-step shout main.cwl": ({"word": ["a", "b"], "end": "?"}, {"said": ["a?workflow", "b?workflow"]}),
    "--single-step other/inner main.cwl": ({"word": "a", "end": "?"}, {"said": "a?workflow"}),
    "main.cwl#other/inner": ({"word": "a", "end": "?"}, {"said": "a?workflow"}),
    "--single-process other main.cwl": ({"word": "a", "end": "?"}, {"said": "a?workflow"}),
}


@pytest.mark.parametrize("line", RUNS)
def test_a_part_runs(toil_cwl, line):
    inputs, outputs = RUNS[line]
    told = toil_cwl("--quiet", *line.split(), "-", stdin=json.dumps(inputs))
    assert (told.code, told.outputs) == (0, outputs), told.text


def test_a_step_takes_files_by_flags_with_their_secondary_files(toil_cwl, folder):
    tool = (
        "{class: CommandLineTool, baseCommand: cat,"
        " arguments: ['$(inputs.text.secondaryFiles[0].path)', $(inputs.more)],"
        " inputs: {text: {type: File, secondaryFiles: [.idx]}, more: string}, stdout: said, outputs: {said: stdout}}"
    )
    (folder / "files.cwl").write_text(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n"
        f"steps: {{read: {{run: {tool}, in: {{text: {{}}, more: {{default: text}}}}, out: [said]}}}}\n"
    )
    (folder / "text").write_text("text")
    (folder / "text.idx").write_text("index ")
    told = toil_cwl(
        "--quiet", "--outdir", "made", "--single-step", "read", "files.cwl", "--text", "text", "--more", folder / "text"
    )
    assert told.code == 0, told.text
    assert (folder / "made/said").read_text() == "index text"


@pytest.fixture
def elsewhere(tmp_path_factory):
    """What a worker of another machine finds in the job store, once all documents here are gone."""
    place = MemoryPlace()
    MemoryStorage(place).create()

    def files():
        urls = Urls(lambda url: FileUrlAccess())
        cache = tmp_path_factory.mktemp("cache")
        node = NodeFiles(MemoryStorage(place), appends=False, cache_dir=cache, writer="test", urls=urls)
        return JobFiles(node, AttemptId("test"), tmp_path_factory.mktemp("work"))

    def reload(loaded, folder):
        written = files()
        key = registry.store(loaded, written, {})
        written.finish()
        for document in folder.glob("*.cwl"):
            document.unlink()
        registry._loaded.clear()
        return registry.loaded(key, files())

    return reload


@pytest.mark.parametrize(
    "options",
    [
        {"target": ("joined",)},
        {"target": ("join", "other")},
        {"single_step": "join"},
        {"single_step": "other/inner"},
        {"single_process": "other/inner"},
        {"overrides": "over.yml"},
        {"single_process": "shout", "overrides": "over.yml"},
    ],
    ids=str,
)
def test_a_worker_elsewhere_loads_the_same_part(elsewhere, folder, options):
    loaded, _ = load_with_inputs("main.cwl", [], CwlOptions(no_container=True, **options))
    again = elsewhere(loaded, folder)
    assert again.document.root is not loaded.document.root
    assert as_text(again.document.root) == as_text(loaded.document.root)


def as_text(process):
    """All that a process and those inside it are made of, in whatever order, however steps refer to it."""
    tool = dict(process.tool)
    if "steps" in tool:
        tool["steps"] = [{key: value for key, value in step.items() if key != "run"} for step in tool["steps"]]
    inner = sorted(as_text(step.embedded_tool) for step in getattr(process, "steps", ()))
    return json.dumps([tool, process.requirements, process.hints, inner], default=str, sort_keys=True)


@pytest.mark.parametrize(
    "options", [{"target": ("joined",)}, {"single_step": "join"}, {"single_process": "join"}], ids=str
)
def test_a_tool_keeps_the_version_that_it_was_written_in(folder, options):
    """It decides, for example, how much memory a tool gets that does not say."""
    for document in folder.glob("*.cwl"):
        text = document.read_text().replace("v1.2", "v1.0").replace("valueFrom", "# valueFrom")
        document.write_text(
            text.replace("source: [shout/said, words], linkMerge: merge_flattened, # ", "source: [shout/said], ")
        )
    root = load_with_inputs("main.cwl", [], CwlOptions(**options))[0].document.root
    (tool,) = [step.embedded_tool for step in getattr(root, "steps", ()) if "join" in step.tool["id"]] or [root]
    assert resources.static_requirements(tool, CwlOptions()).memory == 1024**3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": ("joind",)}, 'no output, step or input "joind". Did you mean joined?'),
        ({"target": ("nonsense",)}, "There are: another, joined, shouted, "),
        ({"single_step": "jion"}, 'no step "jion". Did you mean join?'),
        ({"single_process": "other/iner"}, 'no step "iner". Did you mean inner?'),
        ({"single_process": "join/deeper"}, 'The step "join" runs no workflow'),
        ({"single_step": "join", "target": ("joined",)}, "--target and --single-step exclude each other"),
    ],
    ids=str,
)
def test_a_part_that_is_not_there_is_told_with_the_nearest(options, said):
    with pytest.raises(UsageError) as caught:
        load_with_inputs("main.cwl", [], CwlOptions(**options))
    assert said in str(caught.value)


GRAPH = """
cwlVersion: v1.2
$graph:
- id: whole
  class: Workflow
  inputs: {word: string, end: string}
  outputs: []
  steps:
  - {id: say, run: "#tool", in: {word: word, end: end}, out: []}
- id: tool
  class: CommandLineTool
  baseCommand: echo
  inputs: {word: string, end: string}
  outputs: []
"""


@pytest.mark.parametrize(
    ("document", "name"),
    [("graph.cwl#whole/say", "say"), ("main.cwl#shout", "shout"), ("{folder}/main.cwl#shout", "shout")],
)
def test_a_fragment_may_name_a_step(folder, document, name):
    (folder / "graph.cwl").write_text(GRAPH)
    loaded, _ = load_with_inputs(document.format(folder=folder.as_uri()), [], CwlOptions())
    (step,) = loaded.document.root.steps
    assert step.tool["id"].endswith(name)
    assert loaded.options.single_step == name  # which workers find in the job store


@pytest.mark.parametrize("document", ["graph.cwl#tool", "graph.cwl#whole", "echo.cwl"])
def test_a_fragment_that_names_a_process_is_just_that(folder, document):
    (folder / "graph.cwl").write_text(GRAPH)
    loaded, _ = load_with_inputs(document, [], CwlOptions())
    assert loaded.options.single_step == ""


@pytest.mark.parametrize(
    "document", ["main.cwl#words", "main.cwl#nothing", "graph.cwl#whole/words", "graph.cwl#no/say"]
)
def test_a_fragment_that_names_neither_is_told(folder, document):
    (folder / "graph.cwl").write_text(GRAPH)
    with pytest.raises(UsageError, match=document):
        load_with_inputs(document, [], CwlOptions())


def test_only_workflows_have_parts():
    with pytest.raises(UsageError, match=r"--single-step needs a workflow, and .*echo.cwl is a CommandLineTool"):
        load_with_inputs("echo.cwl", [], CwlOptions(single_step="join"))
