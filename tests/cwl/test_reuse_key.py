"""Two runs of a tool have one name exactly when nothing differs that its result could depend on."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from toil_core.files.local_checksums import LocalChecksums
from toil_core.model.file import FileRef
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage
from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.registry import Loaded
from toil_cwl.reuse_contents import Contents, Unnameable
from toil_cwl.reuse_key import asks_for_checksums, key_of, shape_of
from toil_cwl.values import location_of, made_location, stored_fields

PLAIN = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "tool",
    "label": "a label",
    "requirements": {
        "SchemaDefRequirement": {"types": [{"$import": "types.json"}]},
        "InitialWorkDirRequirement": {"listing": [{"entryname": "a.txt", "entry": "content"}]},
        "ResourceRequirement": {"ramMin": 100},
    },
    "hints": {"DockerRequirement": {"dockerPull": "image:1"}},
    "baseCommand": "cat",
    "inputs": {
        "text": {"type": "string", "doc": "what to say", "default": "x", "inputBinding": {"position": 1}},
        "kind": {"type": {"type": "enum", "symbols": ["a", "b"]}, "default": "a"},
        "given": {"type": "types.json#Given", "default": {"label": "one"}},
        "script": {"type": "File", "default": {"class": "File", "location": "script.sh"}},
    },
    "outputs": {"out": "stdout", "log": "stderr"},
    "https://schema.org/author": "somebody",
    "$namespaces": {"schema": "https://schema.org/"},
}
TYPES = {"name": "Given", "type": "record", "fields": [{"name": "label", "type": "string"}]}


@pytest.fixture
def key(tmp_path):
    """The name of a tool's run; ``path`` is that of the tool inside a workflow."""
    checksums = LocalChecksums(MemoryStorage(MemoryPlace()))

    def name(document, inputs=None, folder="here", script="echo", step="", **options):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / "types.json").write_text(json.dumps(TYPES))
        (place / "script.sh").write_text(script)
        (place / "tool.cwl").write_text(json.dumps(document))
        chosen = CwlOptions(**options)
        loaded = Loaded(door.load_document(str(place / "tool.cwl"), chosen), chosen)
        process = loaded.document.root
        if step:
            process = next(door.step_tool(one) for one in door.steps(process) if one.tool["id"].endswith(step))
        shape = shape_of(process, loaded)
        contents = Contents(checksums, unstored, keeps_checksums=asks_for_checksums(shape))
        return key_of(shape, inputs or {}, contents)

    return name


def unstored(ref):
    raise AssertionError(f"{ref} is in no run")


def changed(*path, to, **more):
    """The plain document with another value somewhere, ``None``: without it."""
    document = copy.deepcopy(PLAIN) | more
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return document


@pytest.mark.parametrize(
    "other",
    [
        changed("label", to="another label"),
        changed("id", to="renamed"),
        changed("inputs", "text", "doc", to=None),
        changed("https://schema.org/author", to="somebody else"),
        changed("requirements", "ResourceRequirement", to={"ramMin": 9000, "coresMin": 3}),
        changed("hints", to={**PLAIN["hints"], "ToolTimeLimit": {"timelimit": 3}}),
        changed("hints", to={**PLAIN["hints"], "WorkReuse": {"enableReuse": True}}),
        changed("inputs", to=[{"id": name, **one} for name, one in sorted(PLAIN["inputs"].items())]),
    ],
)
def test_what_is_for_people_or_for_the_machine_does_not_count(key, other):
    assert key(PLAIN) == key(other, folder="elsewhere")


@pytest.mark.parametrize(
    "other",
    [
        changed("baseCommand", to="tac"),
        changed("inputs", "text", "default", to="y"),
        changed("inputs", "text", "inputBinding", "position", to=2),
        changed("inputs", "given", "default", "label", to="two"),
        changed("inputs", "kind", "type", "symbols", to=["a", "c"]),
        changed("requirements", "InitialWorkDirRequirement", "listing", 0, "entry", to="other"),
        changed("hints", "DockerRequirement", "dockerPull", to="image:2"),
        changed("hints", to=None),
        changed("hints", to={**PLAIN["hints"], "EnvVarRequirement": {"envDef": {"A": "b"}}}),
        changed("cwlVersion", to="v1.1"),
        changed("stdout", to="name.txt"),
        changed("outputs", "log", to=None),
        changed("successCodes", to=[0, 1]),
    ],
)
def test_what_a_result_may_depend_on_counts(key, other):
    assert key(PLAIN) != key(other)


def test_resources_count_for_a_tool_that_looks_at_them(key):
    looking = {"arguments": ["$(runtime.cores)"]}
    few, many = (changed("requirements", "ResourceRequirement", to={"coresMin": n}, **looking) for n in (1, 2))
    assert key(few) != key(many)


def test_memory_that_options_give_counts_for_a_tool_that_looks_at_it(key):
    looks = {**PLAIN, "arguments": ["$(runtime.ram)"]}
    assert key(looks, cwl_min_ram=1 << 30) != key(looks)
    assert key(PLAIN, cwl_min_ram=1 << 30) == key(PLAIN)


def test_files_that_a_document_names_count_by_content(key):
    assert key(PLAIN) == key(PLAIN, folder="elsewhere")
    assert key(PLAIN) != key(PLAIN, script="other")


def test_a_step_is_the_tool_that_it_runs(key):
    tool = {name: value for name, value in PLAIN.items() if name not in ("cwlVersion", "$namespaces")}
    steps = {name: {"run": {**tool, "id": f"inner-{name}"}, "in": {}, "out": ["out"]} for name in ("one", "two")}
    steps["two"]["requirements"] = {"EnvVarRequirement": {"envDef": {"A": "b"}}}
    workflow = {"cwlVersion": "v1.2", "class": "Workflow", "inputs": {}, "outputs": {}, "steps": steps}
    workflow["requirements"] = {"ScatterFeatureRequirement": {}, "StepInputExpressionRequirement": {}}
    workflow["$namespaces"] = PLAIN["$namespaces"]
    assert key(PLAIN) == key(workflow, step="one") != key(workflow, step="two")


def test_options_count_where_they_reach_the_tool(key, monkeypatch):
    assert key(PLAIN) == key(PLAIN, podman=True, eval_timeout=1.0, force_docker_pull=True)
    assert key(PLAIN) == key(PLAIN, default_container="other:1")  # it names one itself
    bare = changed("hints", to=None)
    names = [key(bare), key(bare, no_container=True), key(bare, default_container="image:1")]
    names.append(key(bare, default_container="image:2"))
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert key(PLAIN, no_container=True) == names[1]
    monkeypatch.setenv("GREETING", "hello")
    greeted = key(PLAIN, preserve_environment=("GREETING",))
    entire = key(PLAIN, preserve_entire_environment=True)
    monkeypatch.setenv("GREETING", "goodbye")
    assert len({key(PLAIN), greeted, key(PLAIN, preserve_environment=("GREETING",))}) == 3
    assert entire != key(PLAIN, preserve_entire_environment=True)


def stored(content, name="a.txt", **more):
    ref = FileRef("packs/1", len(content), f"sha1${content:0>40}", 7, name)
    return {"class": "File", "location": location_of(replace(ref, **more)), "basename": name}


def test_inputs_count_by_content_and_name_and_not_by_place(key, tmp_path):
    one = key(PLAIN, {"script": stored("aa"), "text": "x"})
    same = {"text": "x", "script": {**stored("aa", key="files/2", offset=None), "size": 2}, "kind": None}
    assert key(PLAIN, same) == one
    others = [
        stored("ab"),
        stored("aa", name="b.txt"),
        stored("aa", executable=True),
        {**stored("aa"), "format": "http://edamontology.org/format_1"},
        {**stored("aa"), "secondaryFiles": [stored("cc", name="a.txt.idx")]},
        {"class": "File", "contents": "aa", "basename": "a.txt", "location": "_:1"},
    ]
    names = {key(PLAIN, {"script": other, "text": "x"}) for other in others}
    assert len(names | {one}) == len(others) + 1


def test_a_literal_without_a_name_is_its_content(key):
    literals = [{"class": "File", "contents": "aa", "basename": name, "location": f"_:{name}"} for name in "12"]
    assert key(PLAIN, {"script": literals[0]}) == key(PLAIN, {"script": literals[1]})


def test_a_directory_is_its_listing_wherever_it_lies(key, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "data" / "deep").mkdir(parents=True)
        (tmp_path / name / "data" / "deep" / "a.txt").write_text("a")

    def named(name):
        uri = (tmp_path / name / "data").as_uri()
        return key(PLAIN, {"data": {"class": "Directory", "location": uri, "basename": "data"}})

    assert named("one") == named("two")
    (tmp_path / "two" / "data" / "empty").mkdir()
    assert named("one") != named("two")
    (tmp_path / "one" / "data" / "above").symlink_to("..")
    with pytest.raises(Unnameable):
        named("one")


def test_a_checksum_that_is_shown_counts_for_a_tool_that_looks_at_it(key):
    shown, hidden = {**stored("aa"), "checksum": f"sha1${'aa':0>40}"}, stored("aa")
    assert key(PLAIN, {"script": shown}) == key(PLAIN, {"script": hidden})
    looking = changed("arguments", to=["$(inputs.script.checksum)"])
    assert key(looking, {"script": shown}) != key(looking, {"script": hidden})


def test_what_cannot_be_read_has_no_name(key, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for location in ((tmp_path / "gone").as_uri(), (tmp_path / "fifo").as_uri(), "s3://bucket/reads.bam"):
        with pytest.raises(Unnameable):
            key(PLAIN, {"script": {"class": "File", "location": location, "basename": Path(location).name}})


def test_outputs_that_are_handed_through_are_the_inputs_of_the_run_that_takes_them(tmp_path):
    def begun(folder):
        """The inputs of a run: two equal files, and a directory."""
        place = tmp_path / folder
        (place / "data").mkdir(parents=True)
        for name in ("one.txt", "two.txt", "data/three.txt"):
            (place / name).write_text("equal")
        contents = Contents(LocalChecksums(MemoryStorage(MemoryPlace())), unstored)
        uris = [(place / name).as_uri() for name in ("one.txt", "two.txt", "data", "data/three.txt")]
        kinds = ("File", "File", "Directory")
        given = [{"class": kind, "location": uri} for kind, uri in zip(kinds, uris, strict=False)]
        return contents, uris, contents.named(given)

    first, uris, name = begun("first")
    second, others, same_name = begun("second")
    assert name == same_name

    def outputs(uris, ref):
        one, two, data, three = uris
        return {
            "files": [{"class": "File", "location": two, "secondaryFiles": [{"class": "File", "location": one}]}],
            "deep": {"class": "Directory", "basename": "made", "listing": [{"class": "File", "location": three}]},
            "data": {"class": "Directory", "location": data},
            "literal": {"class": "File", "contents": "x", "basename": "x.txt"},
            "made": {"class": "File", "location": location_of(ref)},
        }

    mine, theirs = FileRef("packs/1", 1, "sha1$1", 0), FileRef("packs/2", 1, "sha1$1", 0)
    nowhere = {"class": "Directory", "location": made_location(), "basename": "made", "listing": []}
    taken = [second.unpacked(first.packed({"twice": [nowhere, nowhere]})[0], []) for _ in range(2)]
    locations = [{one["location"] for one in outputs["twice"]} for outputs in taken]
    assert [len(found) for found in locations] == [1, 1], "one directory is one directory"
    assert len({nowhere["location"]}.union(*locations)) == 3, "a result that is taken twice is two"

    packed, made = first.packed(outputs(uris, mine))
    assert made == [mine]
    assert second.unpacked(packed, [theirs]) == outputs(others, theirs)
    with pytest.raises(Unnameable):
        first.packed({"elsewhere": {"class": "File", "location": "file:///etc/hostname"}})


def test_stored_file_without_a_checksum_is_named_by_the_content_that_is_read_once(tmp_path):
    """As one that the job store's service has copied by itself."""
    path = tmp_path / "reads.fq"
    path.write_bytes(b"content")
    digest = hashlib.sha1(b"content").hexdigest()
    checksums = LocalChecksums(MemoryStorage(MemoryPlace()))
    asked = []

    def here(ref):
        asked.append(ref)
        return path

    def named(ref):
        one = {"class": "File", **stored_fields(ref), "basename": "reads.fq"}
        return Contents(checksums, here).named(one)

    copied = FileRef("files/leader/1", 7)
    known = FileRef("files/1.1/2", 7, f"sha1${digest}")
    assert named(copied) == named(copied) == named(known)
    assert asked == [copied]
