"""A document is prepared once: each of its processes, and for as long as its files are as they were."""

from __future__ import annotations

import json
import os

import pytest

from toil_core.errors import UsageError
from toil_cwl import kept
from toil_cwl.door import documents, load_document, process_class, requirement, step_tool, steps
from toil_cwl.options import CwlOptions

TOOL = {"class": "CommandLineTool", "inputs": {"text": "string?"}, "outputs": {}, "baseCommand": "true"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "toil"


@pytest.fixture
def opened(monkeypatch):
    """The URIs of documents that were read as if nothing was kept."""
    uris = []
    real = documents.open_document

    def recording(uri, *arguments, **more):
        uris.append(uri)
        return real(uri, *arguments, **more)

    monkeypatch.setattr(documents, "open_document", recording)
    return uris


def write(path, **fields):
    path.write_text(json.dumps(fields))
    return str(path)


def workflow(tmp_path, **files):
    """A workflow with a step for each file beside it."""
    for name, content in files.items():
        write(tmp_path / f"{name}.cwl", **content)
    made = {name: {"run": f"{name}.cwl", "in": {}, "out": []} for name in files}
    return write(tmp_path / "wf.cwl", cwlVersion="v1.2", **{"class": "Workflow"}, inputs={}, outputs={}, steps=made)


def shape(process):
    """All that a run could tell from another: classes, requirements and trees, down to the tools."""
    inner = [(step.tool["id"], step.tool["run"], shape(step_tool(step))) for step in sorted_steps(process)]
    listing = requirement(process, "LoadListingRequirement")
    return process_class(process), json.dumps(process.metadata), json.dumps(process.tool), listing, inner


def sorted_steps(process):
    return sorted(steps(process), key=lambda step: step.tool["id"]) if process_class(process) == "Workflow" else []


def test_a_document_that_did_not_change_is_not_read_again(tmp_path, opened):
    uri = workflow(tmp_path, a={"cwlVersion": "v1.2", **TOOL}, b={"cwlVersion": "v1.0", **TOOL})
    first = load_document(uri, CwlOptions())
    again = load_document(uri, CwlOptions())
    assert opened == [uri]
    assert again.texts == first.texts
    assert len(again.texts) == 3
    assert shape(again.root) == shape(first.root)


def test_an_edit_of_any_of_its_files_is_seen(tmp_path, opened):
    uri = workflow(tmp_path, a={"cwlVersion": "v1.2", **TOOL})
    load_document(uri, CwlOptions())
    write(tmp_path / "a.cwl", cwlVersion="v1.2", **{**TOOL, "baseCommand": "false"})
    [step] = steps(load_document(uri, CwlOptions()).root)
    assert step_tool(step).tool["baseCommand"] == "false"
    assert opened == [uri, uri]


def test_texts_that_are_handed_over_count_instead_of_files(tmp_path, opened):
    uri = write(tmp_path / "tool.cwl", cwlVersion="v1.2", **TOOL)
    first = load_document(uri, CwlOptions())
    (tmp_path / "tool.cwl").unlink()
    load_document(first.uri, CwlOptions(), (), first.texts)
    assert opened == [uri]
    with pytest.raises(UsageError):
        load_document(first.uri, CwlOptions())


def test_what_a_document_is_read_with_counts(tmp_path, opened):
    uri = write(tmp_path / "tool.cwl", cwlVersion="v1.2", **TOOL)
    load_document(uri, CwlOptions())
    load_document(uri, CwlOptions(enable_ext=True))
    hint = {"target": "", "requirements": [{"class": "ResourceRequirement", "ramMin": 7}]}
    amended = load_document(uri, CwlOptions(), [hint])
    assert len(opened) == 3
    assert requirement(amended.root, "ResourceRequirement")["ramMin"] == 7
    kept_one = load_document(uri, CwlOptions(), [hint])
    assert len(opened) == 3
    assert requirement(kept_one.root, "ResourceRequirement")["ramMin"] == 7


def test_a_file_that_a_document_names_is_looked_for_each_time(tmp_path, opened):
    needed = tmp_path / "needed.txt"
    needed.write_text("")
    default = {"type": "File", "default": {"class": "File", "location": "needed.txt"}}
    uri = write(tmp_path / "tool.cwl", cwlVersion="v1.2", **{**TOOL, "inputs": {"file": default}})
    load_document(uri, CwlOptions())
    load_document(uri, CwlOptions())
    assert len(opened) == 1
    needed.unlink()
    load_document(uri, CwlOptions())
    assert len(opened) == 2


def test_a_document_with_an_error_is_not_kept(tmp_path, opened):
    uri = write(tmp_path / "tool.cwl", cwlVersion="v1.2", **{**TOOL, "outputs": 7})
    for _ in range(2):
        with pytest.raises(UsageError):
            load_document(uri, CwlOptions())
    assert len(opened) == 2


def test_nothing_is_kept_without_a_cache_of_documents(tmp_path, opened, cache):
    uri = write(tmp_path / "tool.cwl", cwlVersion="v1.2", **TOOL)
    load_document(uri, CwlOptions(doc_cache=False))
    load_document(uri, CwlOptions(doc_cache=False))
    assert len(opened) == 2
    assert not list(cache.glob("cwl-document*"))


def test_each_process_of_a_packed_document_is_validated_once(tmp_path, monkeypatch):
    count = 20
    tools = [{"id": f"t{number}", **TOOL} for number in range(count)]
    made = {f"s{number}": {"run": f"#t{number}", "in": {}, "out": []} for number in range(count)}
    main = {"id": "main", "class": "Workflow", "inputs": {}, "outputs": {}, "steps": made}
    uri = write(tmp_path / "packed.cwl", cwlVersion="v1.2", **{"$graph": [*tools, main]})
    resolved = []
    real = documents.resolve_and_validate_document

    def counting(*arguments, **more):
        resolved.append(arguments)
        return real(*arguments, **more)

    monkeypatch.setattr(documents, "resolve_and_validate_document", counting)
    monkeypatch.setattr("toil_cwl.door.parts.resolve_and_validate_document", counting)
    assert len(steps(load_document(uri, CwlOptions()).root)) == count
    assert len(resolved) == 1


def test_a_fragment_of_a_packed_document_finds_its_neighbours(tmp_path):
    main = {"id": "other", "class": "Workflow", "inputs": {}, "outputs": {}}
    main["steps"] = {"s": {"run": "#t", "in": {}, "out": []}}
    uri = write(tmp_path / "packed.cwl", cwlVersion="v1.2", **{"$graph": [{"id": "t", **TOOL}, main]})
    for _ in range(2):
        [step] = steps(load_document(f"{uri}#other", CwlOptions()).root)
        assert step_tool(step).tool["baseCommand"] == "true"
        assert step.tool["run"] == f"file://{uri}#t"


def test_a_pickle_that_others_could_write_is_not_read(cache):
    kept.write("thing", {"a": 1})
    assert kept.read("thing") == {"a": 1}
    [path] = cache.iterdir()
    path.chmod(0o622)
    assert kept.read("thing") is None


def test_a_pickle_that_is_cut_short_is_made_again(cache):
    kept.write("thing", list(range(100)))
    [path] = cache.iterdir()
    path.write_bytes(path.read_bytes()[:50])
    assert kept.kept("thing", lambda: "new") == "new"
    assert kept.read("thing") == "new"


def test_a_document_whose_steps_do_not_fit_together_is_refused_again(tmp_path):
    tool = {"cwlVersion": "v1.2", **TOOL}
    steps_of = {"a": {"run": tool, "in": {"text": "number"}, "out": []}}
    path = write(
        tmp_path / "wf.cwl",
        cwlVersion="v1.2",
        **{"class": "Workflow"},
        inputs={"number": "int"},
        outputs={},
        steps=steps_of,
    )
    for _ in range(2):
        with pytest.raises(UsageError, match="is incompatible"):
            load_document(path, CwlOptions())


def test_what_nobody_has_read_for_long_goes_when_something_is_written(cache):
    for name in ("old", "read", "new"):
        kept.write(name, name)
    for path in cache.iterdir():
        os.utime(path, (0, 0))
    assert kept.read("read") == "read"
    kept.write("new", "newer")
    assert [kept.read(name) for name in ("old", "read", "new")] == [None, "read", "newer"]
