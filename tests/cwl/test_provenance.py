"""What ``--provenance`` leaves: a bag that validates, PROV documents that tell of the run, and what runs it again."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from prov.model import (
    PROV,
    PROV_LABEL,
    ProvActivity,
    ProvDocument,
    ProvEnd,
    ProvGeneration,
    ProvStart,
    ProvUsage,
)
from rdflib import Graph

from toil_core.errors import UsageError
from toil_cwl.options import CwlOptions
from toil_cwl.provenance import refuse_provenance

BIN = Path(sys.executable).parent
FORMATS = ("provn", "json", "jsonld", "nt", "ttl", "xml")


def shell(script, inputs, outputs, **more):
    """A tool; ``$1`` and so on are its inputs."""
    arguments = [f"$(inputs.{name}{'.path' if 'File' in kind else ''})" for name, kind in inputs.items()]
    return {
        "class": "CommandLineTool",
        "arguments": ["sh", "-c", script, "tool", *arguments],
        "inputs": {name: {"type": kind} for name, kind in inputs.items()},
        "outputs": {name: {"type": kind, "outputBinding": {"glob": glob}} for name, (kind, glob) in outputs.items()},
        **more,
    }


UPPER = shell('echo "$1" | tr a-z A-Z > upper.txt', {"text": "string"}, {"big": ("File", "upper.txt")})
COUNT = shell(
    'wc -c < "$1" > n.txt; mkdir d; cp n.txt d',
    {"of": "File"},
    {"n": ("File", "n.txt"), "d": ("Directory", "d")},
)
JOIN = {
    "class": "CommandLineTool",
    "baseCommand": "cat",
    "inputs": {"parts": {"type": "File[]", "inputBinding": {}}, "number": "int"},
    "stdout": "joined.txt",
    "outputs": {"all": {"type": "stdout"}},
}
INNER = {
    "class": "Workflow",
    "inputs": {"it": "File"},
    "steps": {"counting": {"run": COUNT, "in": {"of": "it"}, "out": ["n", "d"]}},
    "outputs": {
        "n": {"type": "File", "outputSource": "counting/n"},
        "d": {"type": "Directory", "outputSource": "counting/d"},
    },
}
WORKFLOW = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "requirements": {"ScatterFeatureRequirement": {}, "SubworkflowFeatureRequirement": {}},
    "inputs": {"words": "string[]", "extra": "File"},
    "steps": {
        "raise": {"run": UPPER, "scatter": "text", "in": {"text": "words"}, "out": ["big"]},
        "joining": {"run": JOIN, "in": {"parts": "raise/big", "number": {"default": 3}}, "out": ["all"]},
        "nested": {"run": INNER, "in": {"it": "joining/all"}, "out": ["n", "d"]},
        "unused": {"run": COUNT, "in": {"of": "extra"}, "out": ["n", "d"]},
    },
    "outputs": {
        "n": {"type": "File", "outputSource": "nested/n"},
        "d": {"type": "Directory", "outputSource": "nested/d"},
        "all": {"type": "File", "outputSource": "joining/all"},
    },
}
ORDER = {"words": ["a", "b"], "extra": {"class": "File", "location": "extra.txt"}}


class Object:
    """A research object, read."""

    def __init__(self, folder):
        self.folder = folder

    def profile(self, name="primary"):
        """The PROV document of a run: of the whole, or of the nested workflow of that name."""
        (path,) = (self.folder / "metadata/provenance").glob(f"{name}*.cwlprov.json")
        return Profile(ProvDocument.deserialize(path))

    def job(self, name):
        """The input or output object."""
        return json.loads((self.folder / f"workflow/primary-{name}.json").read_text())

    @property
    def text(self):
        """Everything in it."""
        return b"\n".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file()).decode()


class Profile:
    """The PROV document of one run, read."""

    def __init__(self, document):
        self.document = document

    def records(self, kind):
        """All records of a kind; those with a name once."""
        found = self.document.get_records(kind)
        return list({record.identifier or id(record): record for record in found}.values())

    def counts(self):
        """How many records of each kind there are."""
        kinds = {type(record) for record in self.document.get_records()}
        return Counter({kind.__name__: len(self.records(kind)) for kind in kinds})

    @property
    def steps(self):
        """The activities of processes by their names."""
        labels = [
            (label, one) for one in self.document.get_records(ProvActivity) for label in one.get_attribute(PROV_LABEL)
        ]
        prefix = "Run of workflow/packed.cwl#main"
        return {str(label).removeprefix(prefix).removeprefix("/"): one.identifier for label, one in labels}

    def roles(self, kind, step=""):
        """The roles of what a process used (``ProvUsage``) or made (``ProvGeneration``)."""
        found = [one for one in self.records(kind) if one_of(one, "activity") == self.steps[step]]
        return sorted(str(role).removeprefix("wf:main/") for one in found for role in one.get_attribute(PROV["role"]))

    def entity(self, kind, step, role):
        """The entity that a process used, or made, in that role."""
        return next(
            one_of(one, "entity")
            for one in self.records(kind)
            if one_of(one, "activity") == self.steps[step]
            and f"wf:main/{role}" in map(str, one.get_attribute(PROV["role"]))
        )

    def time(self, kind, step):
        """When a process started (``ProvStart``) or ended (``ProvEnd``)."""
        return next(one_of(one, "time") for one in self.records(kind) if one_of(one, "activity") == self.steps[step])

    def descriptions(self, step):
        """What is said of a process in words."""
        found = self.document.get_record(self.steps[step])
        return [str(value) for one in found for name, value in one.attributes if "description" in str(name)]


def one_of(record, name):
    """The one value of a formal attribute."""
    (value,) = record.get_attribute(PROV[name])
    return value


@pytest.fixture
def kept(tmp_path, toil_cwl):
    """Runs a document with ``--provenance``; its research object."""

    def run(document, *words, order=None, name="document.cwl", folder="object", **how):
        (tmp_path / name).write_text(json.dumps({"cwlVersion": "v1.2", **document}))
        (tmp_path / "order.json").write_text(json.dumps(order or {}))
        (tmp_path / "extra.txt").write_text("extra\n")
        run.told = toil_cwl(
            "--provenance", folder, "--outdir", "out", *words, name, *(["order.json"] if order else []), **how
        )
        assert run.told.code == 0, run.told.text
        return Object(tmp_path / folder)

    return run


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The folder where the workflow was run: the command's research object is ``object`` there."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "document.cwl").write_text(json.dumps(WORKFLOW))
    (folder / "order.json").write_text(json.dumps(ORDER))
    (folder / "extra.txt").write_text("extra\n")
    words = ["--no-container", "--work-dir", folder, "--provenance", "object", "--outdir", "out"]
    subprocess.run([BIN / "toil-cwl", *words, "document.cwl", "order.json"], cwd=folder, timeout=60, check=True)
    return folder


def assert_whole(folder):
    """BagIt 0.97: every manifest names every file once, by its checksum, and nothing else."""
    data, tags = [], []
    for path in folder.rglob("*"):
        if path.is_file() and path.parent != folder:
            (data if "data" in path.relative_to(folder).parts[:1] else tags).append(str(path.relative_to(folder)))
    for kind, methods, files in (("manifest", ["sha1"], data), ("tagmanifest", ["sha1", "sha256", "sha512"], tags)):
        for method in methods:
            lines = (folder / f"{kind}-{method}.txt").read_text().splitlines()
            named = [line.split("  ", 1) for line in lines]
            assert sorted(path for _, path in named if "/" in path) == sorted(files)
            for value, path in named:
                assert hashlib.new(method, (folder / path).read_bytes()).hexdigest() == value
    for path in data:
        assert hashlib.sha1((folder / path).read_bytes()).hexdigest() == Path(path).name
    size = sum((folder / path).stat().st_size for path in data)
    assert f"Payload-Oxum: {size}.{len(data)}\n" in (folder / "bag-info.txt").read_text()


def reference(tmp_path, document, *words):
    """The object that cwltool makes of the same run."""
    subprocess.run(
        [BIN / "cwltool", "--provenance", "theirs", "--outdir", "theirs-out", document, *words],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return Object(tmp_path / "theirs")


def test_a_workflow_with_a_scatter_and_a_nested_one_is_told_as_cwltool_tells_it(told):
    ours, theirs = Object(told / "object"), reference(told, "document.cwl", "order.json")
    assert ours.profile().counts() == theirs.profile().counts()
    nested = ours.profile("workflow_20nested").counts()
    assert nested - theirs.profile("workflow_20nested").counts() == {"ProvUsage": 1}  # of its own input
    assert sorted(path.name for path in (ours.folder / "data").rglob("*")) == sorted(
        path.name for path in (theirs.folder / "data").rglob("*")
    )


def test_each_step_is_told_with_what_it_used_and_made(told):
    ours = Object(told / "object")
    whole = ours.profile()
    assert set(whole.steps) == {"", "raise", "raise_2", "joining", "main/nested", "unused"}
    assert whole.roles(ProvUsage) == ["extra", "words"]
    assert whole.roles(ProvUsage, "joining") == ["joining/number", "joining/parts"]
    assert whole.roles(ProvGeneration, "unused") == ["unused/d", "unused/n"]
    assert whole.roles(ProvGeneration) == ["primary/all", "primary/d", "primary/n"]
    made = whole.entity(ProvGeneration, "joining", "joining/all")
    assert whole.entity(ProvGeneration, "", "primary/all") == made
    inside = ours.profile("workflow_20nested")
    assert inside.entity(ProvUsage, "counting", "counting/of") == made
    assert inside.steps[""] == whole.steps["main/nested"]


def test_times_are_those_of_the_processes(told):
    profile = Object(told / "object").profile()
    starts = {step: profile.time(ProvStart, step) for step in profile.steps}
    ends = {step: profile.time(ProvEnd, step) for step in ("", "raise", "raise_2", "joining", "unused")}
    assert starts[""] <= min(starts.values())
    assert ends["raise"] <= starts["joining"] < ends["joining"] <= starts["main/nested"] <= ends[""]
    assert all(isinstance(one, datetime) and one.tzinfo is not None for one in (*starts.values(), *ends.values()))


def test_all_formats_tell_the_same(told):
    folder = told / "object/metadata/provenance"
    assert all(len(list(folder.glob(f"*.cwlprov.{name}"))) == 2 for name in FORMATS)
    xml = ProvDocument.deserialize(folder / "primary.cwlprov.xml", format="xml")
    assert Profile(xml).counts() == Object(told / "object").profile().counts()
    ttl, nt = (len(Graph().parse(folder / f"primary.cwlprov.{one}")) for one in ("ttl", "nt"))
    assert ttl == nt > 100
    assert json.loads((folder / "primary.cwlprov.jsonld").read_text())


def test_the_bag_is_whole_and_its_data_are_copies_that_nobody_else_has_a_name_of(told):
    assert_whole(told / "object")
    assert all(path.stat().st_nlink == 1 for path in (told / "object").rglob("*") if path.is_file())
    assert not [path.name for path in told.iterdir() if path.name.startswith(".object")]
    manifest = json.loads((told / "object/metadata/manifest.json").read_text())
    assert manifest["conformsTo"] == "https://w3id.org/cwl/prov/0.6.0"


def test_what_is_in_it_can_be_run_again(told, toil_cwl):
    ours = Object(told / "object")
    again = toil_cwl(
        "--outdir", "again", ours.folder / "workflow/packed.cwl", ours.folder / "workflow/primary-job.json"
    )
    assert again.outputs["all"]["checksum"] == ours.job("output")["all"]["checksum"]
    assert (ours.folder / "snapshot/document.cwl").read_bytes() == (told / "document.cwl").read_bytes()


def test_a_tool_alone_is_told_as_cwltool_tells_it(kept, tmp_path):
    tool = {**UPPER, "inputs": {**UPPER["inputs"], "may": "int?", "other": "File"}}
    order = {"text": "x", "other": ORDER["extra"]}
    ours = kept(tool, order=order)
    assert_whole(ours.folder)
    theirs = reference(tmp_path, "document.cwl", "order.json")
    assert ours.profile().counts() == theirs.profile().counts()
    assert ours.profile().roles(ProvGeneration) == theirs.profile().roles(ProvGeneration) == ["primary/big"]
    assert ours.job("job")["text"] == "x"
    packed = (json.loads((one.folder / "workflow/packed.cwl").read_text()) for one in (ours, theirs))
    assert next(packed) == next(packed)


EVERY_KIND = {
    "class": "CommandLineTool",
    "inputs": {
        "folder": "Directory",
        "literal": "File",
        "literals": "Directory",
        "record": {"type": {"type": "record", "fields": {"number": "int", "file": "File"}}},
        "index": {"type": "File", "secondaryFiles": [".idx"]},
        "usual": {"type": "File", "default": {"class": "File", "location": "extra.txt"}},
    },
    "arguments": [
        "sh",
        "-c",
        'for one; do case $one in /*) find -L "$one" -type f -exec cat {} +;; *) echo "$one";; esac; done',
        "tool",
        "$(inputs.folder.path)",
        "$(inputs.literal.path)",
        "$(inputs.literals.path)",
        "$(inputs.record.number)",
        "$(inputs.record.file.path)",
        "$(inputs.index.path).idx",
        "$(inputs.usual.path)",
    ],
    "stdout": "all.txt",
    "outputs": {"all": "stdout"},
}


def test_inputs_of_every_kind_are_kept_and_can_be_given_again(kept, tmp_path, toil_cwl):
    (tmp_path / "tree/below").mkdir(parents=True)
    (tmp_path / "tree/below/leaf").write_text("leaf\n")
    (tmp_path / "indexed").write_text("indexed\n")
    (tmp_path / "indexed.idx").write_text("index\n")
    literal = {"class": "File", "basename": "literal.txt", "contents": "literal\n"}
    order = {
        "folder": {"class": "Directory", "location": "tree"},
        "literal": literal,
        "literals": {"class": "Directory", "basename": "listed", "listing": [literal, ORDER["extra"]]},
        "record": {"number": 7, "file": ORDER["extra"]},
        "index": {"class": "File", "location": "indexed"},
    }
    found = kept(EVERY_KIND, order=order)
    assert_whole(found.folder)
    assert found.profile().roles(ProvUsage)[:2] == ["document/folder", "document/index"]
    shutil.rmtree(tmp_path / "tree")
    for name in ("extra.txt", "indexed", "indexed.idx"):
        (tmp_path / name).unlink()
    again = toil_cwl(found.folder / "workflow/packed.cwl", found.folder / "workflow/primary-job.json")
    assert again.code == 0, again.text
    words = Path(again.outputs["all"]["path"]).read_text().split()
    assert sorted(words) == ["7", "extra", "extra", "extra", "index", "leaf", "literal", "literal"]


def test_secrets_are_not_in_it(kept):
    tool = shell('printf %s "$1" | wc -c > n.txt; echo "$2" > told.txt', {"word": "string", "other": "string"}, {})
    tool["hints"] = {"cwltool:Secrets": {"secrets": ["word", "other"]}}
    tool["$namespaces"] = {"cwltool": "http://commonwl.org/cwltool#"}
    tool["inputs"]["other"]["default"] = 'by-"default"'
    tool["outputs"] = {"n": {"type": "File", "outputBinding": {"glob": "n.txt"}}}
    tool["outputs"]["said"] = {"type": "string", "outputBinding": {"glob": "told.txt", "loadContents": True}}
    tool["outputs"]["said"]["outputBinding"]["outputEval"] = "$(self[0].contents)"
    found = kept(tool, order={"word": "swordfish"})
    assert 'by-"default"' in kept.told.outputs["said"]
    assert_whole(found.folder)
    assert "swordfish" not in found.text
    assert "by-" not in found.text
    assert found.job("job")["word"].startswith("(secret-")
    assert found.job("output")["said"] == "***\n"


def test_who_ran_it_is_told_if_that_is_wanted(kept):
    found = kept(
        UPPER, "--full-name", "Ada", "--enable-host-provenance", order={"text": "a"}, ORCID="0000-0002-1825-0097"
    )
    assert "https://orcid.org/0000-0002-1825-0097" in found.text
    assert 'foaf:name="Ada"' in found.text
    assert "cwlprov:hostname" in found.text
    silent = kept(UPPER, "--enable-user-provenance", "--disable-user-provenance", order={"text": "a"}, folder="silent")
    assert "foaf:accountName" not in silent.text
    assert "cwlprov:hostname" not in silent.text


def test_a_folder_that_is_in_use_is_refused_before_anything_runs(tmp_path, toil_cwl):
    (tmp_path / "tool.cwl").write_text(json.dumps({"cwlVersion": "v1.2", **shell("touch ../../ran", {}, {})}))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    told = toil_cwl("--provenance", "full", "tool.cwl")
    assert told.code == 2
    assert told.text.splitlines()[-1] == (
        "toil-cwl: error: The folder for provenance is not empty: full. Name a new one by --provenance"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "tool.cwl"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"provenance": "full/mine"}, "not empty"),
        ({"provenance": "full/mine/below"}, "cannot be made"),
        ({"provenance": "new", "outdir": "new/out"}, "cannot hold the outputs too"),
        ({"provenance": "new", "orcid": "0000-0002-1825-0098"}, "ORCID"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path, monkeypatch, options, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    with pytest.raises(UsageError, match=reason):
        refuse_provenance(CwlOptions(**{**options, "provenance": Path(options["provenance"])}))
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


FRAGILE = {
    "class": "Workflow",
    "inputs": {"text": "string"},
    "steps": {
        "first": {"run": UPPER, "in": {"text": "text"}, "out": ["big"]},
        "second": {
            "run": shell('test -e MARK && cat "$1" > second.txt', {"of": "File"}, {"out": ("File", "second.txt")}),
            "in": {"of": "first/big"},
            "out": ["out"],
        },
    },
    "outputs": {"out": {"type": "File", "outputSource": "second/out"}},
}


def fragile(tmp_path, toil_cwl, *words):
    """Runs a workflow whose second step fails until the file ``mark`` is there."""
    text = json.dumps({"cwlVersion": "v1.2", **FRAGILE}).replace("MARK", str(tmp_path / "mark"))
    (tmp_path / "fragile.cwl").write_text(text)
    return toil_cwl(
        "--job-store", "store", "--retry-count", "1", "--outdir", "out", *words, "fragile.cwl", "--text", "a"
    )


def test_a_restart_tells_what_ran_before_it_and_no_attempt_that_failed(tmp_path, toil_cwl):
    assert fragile(tmp_path, toil_cwl, "--provenance", "object").code == 1
    assert not (tmp_path / "object").exists()
    failed_by = datetime.now().astimezone()
    (tmp_path / "mark").touch()
    told = fragile(tmp_path, toil_cwl, "--provenance", "object", "--restart")
    assert told.code == 0, told.text
    assert_whole(tmp_path / "object")
    profile = Object(tmp_path / "object").profile()
    assert set(profile.steps) == {"", "first", "second"}
    assert profile.time(ProvEnd, "first") < failed_by < profile.time(ProvStart, "second")
    assert profile.time(ProvStart, "") <= profile.time(ProvStart, "first")


def test_a_run_that_was_started_without_it_cannot_tell(tmp_path, toil_cwl):
    assert fragile(tmp_path, toil_cwl).code == 1
    (tmp_path / "mark").touch()
    told = fragile(tmp_path, toil_cwl, "--provenance", "object", "--restart")
    assert told.code == 2
    assert "started without --provenance" in told.text
    assert not (tmp_path / "object").exists()
    assert fragile(tmp_path, toil_cwl, "--restart").code == 0


def test_a_result_that_was_taken_says_so(kept):
    document = {**FRAGILE, "steps": {"first": FRAGILE["steps"]["first"]}}
    document["outputs"] = {"big": {"type": "File", "outputSource": "first/big"}}
    made = kept(document, "--reuse-results", "reuse", order={"text": "a"})
    taken = kept(document, "--reuse-results", "reuse", order={"text": "a"}, folder="taken")
    assert_whole(taken.folder)
    assert made.profile().descriptions("first") == []
    assert taken.profile().descriptions("first") == ["The result was made by an earlier run, and taken."]
    assert taken.profile().time(ProvStart, "first") > made.profile().time(ProvEnd, "first")
    assert taken.profile().counts() == made.profile().counts()


def test_the_image_of_a_container_is_an_agent(kept, recording_docker):
    tool = {"class": "CommandLineTool", "baseCommand": "true", "inputs": {}, "outputs": {}}
    tool["requirements"] = {"DockerRequirement": {"dockerPull": "some:image"}}
    found = kept(tool, contained=True, **recording_docker.variables)
    assert 'cwlprov:image="some:image"' in found.text


EXPRESSION = {
    "class": "ExpressionTool",
    "inputs": {"n": "int"},
    "outputs": {"n": "int"},
    "expression": "$({n: inputs.n + 1})",
}
INSIDE = {
    "class": "Workflow",
    "inputs": {"n": "int"},
    "steps": {"add": {"run": EXPRESSION, "in": {"n": "n"}, "out": ["n"]}},
    "outputs": {"n": {"type": "int", "outputSource": "add/n"}},
}
MANY = {
    "class": "Workflow",
    "requirements": {
        "ScatterFeatureRequirement": {},
        "SubworkflowFeatureRequirement": {},
        "InlineJavascriptRequirement": {},
    },
    "inputs": {"numbers": "int[]"},
    "steps": {
        "nested": {"run": INSIDE, "scatter": "n", "in": {"n": "numbers"}, "out": ["n"]},
        "never": {"run": EXPRESSION, "when": "$(false)", "in": {"n": {"default": 1}}, "out": ["n"]},
        "none": {"run": EXPRESSION, "scatter": "n", "in": {"n": {"default": []}}, "out": ["n"]},
        "repeated": {
            "run": EXPRESSION,
            "in": {"n": {"default": 1}},
            "out": ["n"],
            "requirements": {
                "cwltool:Loop": {
                    "loopWhen": "$(inputs.n < 4)",
                    "loop": {"n": "n"},
                    "outputMethod": "METHOD",
                }
            },
        },
    },
    "outputs": {
        "n": {"type": "int[]", "outputSource": "nested/n"},
        "last": {"type": "Any", "outputSource": "repeated/n"},
    },
    "$namespaces": {"cwltool": "http://commonwl.org/cwltool#"},
}


@pytest.mark.parametrize("method", ["last", "all"])
def test_every_run_of_a_step_is_told_and_no_other(kept, method):
    document = json.loads(json.dumps(MANY).replace("METHOD", method))
    found = kept(document, "--enable-ext", order={"numbers": [1, 2]})
    assert_whole(found.folder)
    whole = found.profile()
    runs = {"main/nested", "main/nested_2", "repeated", "repeated_2", "repeated_3"}
    assert set(whole.steps) == {"", *runs}
    assert whole.roles(ProvUsage, "repeated_3") == ["repeated_3/n"]
    first, second = found.profile("workflow_20nested."), found.profile("workflow_20nested_2")
    assert set(first.steps) == set(second.steps) == {"", "add"}
    assert first.steps[""] == whole.steps["main/nested"] != second.steps[""]
    assert first.roles(ProvGeneration, "add") == ["add/n"]


def test_runs_without_it_keep_nothing_and_load_nothing_for_it(tmp_path, toil_cwl):
    code = (
        "import sys, toil_cwl.cli, toil_cwl.bodies; print([one for one in sys.modules if 'toil_cwl.door.prov' in one])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    (tmp_path / "inner.cwl").write_text(json.dumps({"cwlVersion": "v1.2", **FRAGILE}).replace("test -e MARK &&", ""))
    told = toil_cwl("--job-store", "store", "--clean", "never", "inner.cwl", "--text", "a")
    assert told.code == 0, told.text
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file() and b"@run" in path.read_bytes()]
