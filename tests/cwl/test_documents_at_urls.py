"""Documents, job orders and overrides at URLs of any kind that a plugin reads."""

from __future__ import annotations

import io
import json

import pytest

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl, UnknownPlugin, UrlError, UsageError
from toil_core.local.file_url import FileUrlAccess
from toil_core.local.http_url import HttpUrlAccess
from toil_cwl import door
from toil_cwl.command_options import ViewOptions
from toil_cwl.door.fetching import joined
from toil_cwl.job_order import load_with_inputs
from toil_cwl.language import CwlLanguage
from toil_cwl.options import CwlOptions
from toil_cwl.views import VIEWS, shown

WORKFLOW = """
cwlVersion: v1.2
class: Workflow
requirements: {SchemaDefRequirement: {types: [$import: ../types/pair.yml]}}
inputs:
  text: {type: File, secondaryFiles: [.idx]}
  reference: {type: File, default: {class: File, location: ../data/reference.txt}}
outputs: {said: {type: File, outputSource: near/said}}
steps:
  near: {run: tools/cat.cwl, in: {text: text}, out: [said]}
  packed: {run: "shelf://other/packed.cwl#inner", in: {text: text}, out: [said]}
"""
TOOL = """
cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {expressionLib: [$include: library.js]}}
baseCommand: cat
inputs: {text: {type: File, inputBinding: {}}}
stdout: said.txt
outputs: {said: stdout}
"""
ORDER = """
text: {class: File, location: data/text.txt, secondaryFiles: [{class: File, path: ../data/text.txt.idx}]}
"""
OVERRIDES = "cwltool:overrides: {tools/cat.cwl: {requirements: {ResourceRequirement: {coresMin: 7}}}}"
SHELF = {
    "shelf://bucket/flows/main.cwl": WORKFLOW,
    "shelf://bucket/flows/tools/cat.cwl": TOOL,
    "shelf://bucket/flows/tools/library.js": "function one() { return 1; }",
    "shelf://bucket/types/pair.yml": "{name: pair, type: record, fields: {one: {type: int}}}",
    "shelf://bucket/data/reference.txt": "ACGT",
    "shelf://bucket/data/text.txt.idx": "index",
    "shelf://bucket/flows/job.yml": ORDER,
    "shelf://bucket/flows/data/text.txt": "hello",
    "shelf://bucket/flows/over.yml": OVERRIDES,
    "shelf://bucket/binary.cwl": b"\xff\xfe\xff",
    "shelf://other/packed.cwl": "cwlVersion: v1.2\n$graph:\n- id: inner\n"
    + "".join(
        f"  {line}\n"
        for line in TOOL.replace("requirements: {Inline", "hints: {Inline").splitlines()[2:]
        if "hints" not in line
    ),
}
LINES = ["shelf://bucket/flows/main.cwl", ["shelf://bucket/flows/job.yml"]]


class Shelf(UrlAccess):
    """Reads ``shelf://`` URLs, as a stranger's plugin might, and notes what was asked for."""

    def __init__(self, contents):
        self.contents = contents
        self.asked = []

    def facts(self, url):
        return UrlFacts(len(self._content(url)))

    def read(self, url, start=0):
        return io.BytesIO(self._content(url)[start:])

    def _content(self, url):
        self.asked.append(url)
        if "/private/" in url:
            raise UrlError(f"Cannot read {url}: access is denied", "Ask the shelf's owner")
        if url not in self.contents:
            raise NoSuchUrl(f"There is nothing at {url}")
        content = self.contents[url]
        return content if isinstance(content, bytes) else content.encode()


@pytest.fixture
def shelf():
    return Shelf(dict(SHELF))


@pytest.fixture
def access(shelf):
    def find(url):
        if url.startswith("file:"):
            return FileUrlAccess()
        if url.startswith("http"):
            return shelf if "//of.shelf/" in url else HttpUrlAccess()
        if not url.startswith("shelf:"):
            raise UnknownPlugin(f'No URL access for "{url.partition(":")[0]}"', "Install one")
        return shelf

    return find


@pytest.fixture
def load(access):
    def load(document, words=(), **options):
        with door.urls_read_by(access):
            return load_with_inputs(document, words, CwlOptions(**options))

    return load


def tools(loaded):
    """The tools that the steps of a workflow run, by the names of the steps."""
    return {step.tool["id"].rpartition("#")[2]: step.embedded_tool for step in loaded.document.root.steps}


def cores(loaded):
    """How many cores the step ``near`` asks for."""
    return door.requirement(tools(loaded)["near"], "ResourceRequirement")["coresMin"]


def test_a_workflow_loads_with_all_that_it_refers_to(load):
    loaded, order = load(*LINES)
    assert tools(loaded)["near"].tool["id"] == "shelf://bucket/flows/tools/cat.cwl"
    assert tools(loaded)["packed"].tool["id"] == "shelf://other/packed.cwl#inner"
    assert order["text"]["location"] == "shelf://bucket/flows/data/text.txt"
    assert order["text"]["secondaryFiles"][0]["location"] == "shelf://bucket/data/text.txt.idx"
    default = next(one["default"] for one in loaded.document.root.tool["inputs"] if "default" in one)
    assert default["location"] == "shelf://bucket/data/reference.txt"


def test_a_web_server_that_a_plugin_knows_is_read_by_it(load, shelf):
    place = "https://of.shelf"
    shelf.contents |= {url.replace("shelf://bucket", place): text for url, text in SHELF.items()}
    loaded, order = load(f"{place}/flows/main.cwl", [f"{place}/flows/job.yml"])
    assert tools(loaded)["near"].tool["id"] == f"{place}/flows/tools/cat.cwl"
    assert order["text"]["location"] == f"{place}/flows/data/text.txt"
    assert f"{place}/flows/tools/library.js" in shelf.asked


def test_a_worker_loads_the_same_from_the_texts_and_asks_for_nothing(load, shelf):
    loaded, _ = load(*LINES)
    again = door.load_document(loaded.document.uri, CwlOptions(), (), loaded.document.texts)
    assert again.root.tool == loaded.document.root.tool


def test_a_local_document_runs_one_of_another_kind_and_is_not_kept(load, shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "main.cwl").write_text(
        WORKFLOW.replace("tools/", "shelf://bucket/flows/tools/").replace("../", "shelf://bucket/")
    )
    order = ["shelf://bucket/flows/job.yml"]
    load(str(tmp_path / "main.cwl"), order)
    shelf.contents["shelf://bucket/flows/tools/cat.cwl"] = TOOL.replace("cat", "tac")
    found = tools(load(str(tmp_path / "main.cwl"), order)[0])
    assert (found["near"].tool["baseCommand"], found["packed"].tool["baseCommand"]) == ("tac", "cat")


def test_overrides_may_be_there_and_name_what_is_beside_the_document(load):
    loaded, _ = load(*LINES, overrides="shelf://bucket/flows/over.yml")
    assert cores(loaded) == 7


def test_overrides_of_an_order_are_taken_from_where_it_is(load, shelf):
    shelf.contents["shelf://bucket/flows/job.yml"] += shelf.contents["shelf://bucket/flows/over.yml"]
    assert cores(load(*LINES)[0]) == 7


@pytest.mark.parametrize("order", ["flows/named.yml", "named"])
def test_a_job_order_there_may_name_its_document(load, shelf, order):
    main = "main.cwl" if "/" in order else "shelf://bucket/flows/main.cwl"
    shelf.contents[f"shelf://bucket/{order}"] = (
        f"cwl:tool: {main}\n"
        "text: {class: File, location: x.txt, secondaryFiles: [{class: File, location: x.idx}]}\n"
    )
    loaded, given = load(f"shelf://bucket/{order}")
    assert loaded.document.uri == LINES[0]
    assert given["text"]["location"] == f"shelf://bucket/{order}".rpartition("/")[0] + "/x.txt"


def test_a_fragment_there_may_name_a_step(load):
    loaded, _ = load(f"{LINES[0]}#near", LINES[1])
    assert list(tools(loaded)) == ["near"]


def test_a_scheme_may_be_written_in_capitals(load):
    assert load("SHELF://bucket/flows/main.cwl", ["Shelf://bucket/flows/job.yml"])[0].document.uri.startswith(
        "shelf://"
    )


@pytest.mark.parametrize("view", sorted(VIEWS.keys() - {"print_subgraph", "print_supported_versions"}))
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_every_view_works_there(access, shelf, view):
    lines = WORKFLOW.splitlines(keepends=True)  # cwltool packs no part of another document
    shelf.contents[LINES[0]] = "".join(line for line in lines if "packed.cwl" not in line)
    text = shown(view, access)(*LINES, CwlOptions(), ViewOptions())
    assert "text" in text or "valid" in text or "tools/cat.cwl" in text
    assert "file://" not in text


def test_dependencies_of_dependencies_are_told_by_their_own_places(access):
    text = shown("print_deps", access)(LINES[0], [], CwlOptions(), ViewOptions())
    for place in ("flows/tools/cat.cwl", "flows/tools/library.js", "data/reference.txt"):
        assert f'"shelf://bucket/{place}"' in text
    assert '"shelf://other/packed.cwl#inner"' in text


@pytest.mark.parametrize("view", ["validate", "print_input_deps"])
def test_secondary_files_are_looked_for_beside_the_file(access, shelf, view):
    shelf.contents[LINES[1][0]] = "text: {class: File, path: data/text.txt}"
    show = shown(view, access)
    with pytest.raises(UsageError, match=r"Missing required secondary file 'text\.txt\.idx'"):
        show(*LINES, CwlOptions(), ViewOptions())
    shelf.contents["shelf://bucket/flows/data/text.txt.idx"] = "index"
    text = show(*LINES, CwlOptions(), ViewOptions())
    assert "valid" in text or "shelf://bucket/flows/data/text.txt.idx" in text


def test_a_part_of_a_workflow_is_shown_there(access):
    text = shown("print_subgraph", access)(LINES[0], [], CwlOptions(target=("said",)), ViewOptions())
    assert [step["id"] for step in json.loads(text)["steps"]] == ["shelf://bucket/flows/main.cwl#near"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["shelf://bucket/gone.cwl"], "There is nothing at shelf://bucket/gone.cwl"),
        (
            ["shelf://private/private/x.cwl"],
            "Cannot read shelf://private/private/x.cwl: access is denied. Ask the shelf's owner",
        ),
        ([LINES[0], "shelf://bucket/gone.yml"], "There is nothing at shelf://bucket/gone.yml"),
        ([LINES[0], "shelf://b/private/job.yml"], "access is denied. Ask the shelf's owner"),
        (["nobody://bucket/x.cwl"], 'No URL access for "nobody". Install one'),
        (["shelf://bucket/binary.cwl"], "shelf://bucket/binary.cwl is no text in UTF-8"),
        ([LINES[0], "shelf://bucket/binary.cwl"], "shelf://bucket/binary.cwl is no text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_cure(load, line, said):
    with pytest.raises(UsageError) as told:
        load(line[0], line[1:])
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert str(told.value).count(line[-1]) <= 2


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("tools/cat.cwl", ""),
        ("tools/library.js", "There is nothing at shelf://bucket/flows/tools/library.js"),
    ],
)
def test_a_part_that_is_not_there_is_named_with_the_place_that_names_it(load, shelf, gone, said):
    del shelf.contents[f"shelf://bucket/flows/{gone}"]
    with pytest.raises(UsageError, match=f"flows/{gone}") as told:
        load(*LINES)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_overrides_that_cannot_be_read_are_told_with_the_cure(load):
    with pytest.raises(UsageError, match=r"Cannot read the overrides in .*denied\. Ask the shelf's owner"):
        load(*LINES, overrides="shelf://b/private/over.yml")


def test_a_document_there_cannot_name_files_of_this_machine_by_import(load, shelf):
    shelf.contents["shelf://bucket/flows/main.cwl"] = WORKFLOW.replace("../types/pair.yml", "file:///etc/passwd")
    with pytest.raises(UsageError):
        load(*LINES)


def test_the_language_reads_by_what_it_was_given(access):
    language = CwlLanguage()
    language.use_urls(access)
    assert language.load(*LINES, CwlOptions()).name == "main"


@pytest.mark.parametrize(
    ("base", "reference", "found"),
    [
        ("s3://b/x/y.cwl", "z.cwl", "s3://b/x/z.cwl"),
        ("s3://b/x/y.cwl", "../z.cwl#a", "s3://b/z.cwl#a"),
        ("s3://b/x/y.cwl", "../../../z.cwl", "s3://b/z.cwl"),
        ("s3://b/x/y.cwl#main", "#other", "s3://b/x/y.cwl#other"),
        ("s3://b/x/y.cwl", "/z.cwl", "s3://b/z.cwl"),
        ("s3://b/x/y.cwl", "//c/z.cwl", "s3://c/z.cwl"),
        ("s3://b/x//y.cwl", "./z.cwl", "s3://b/x//z.cwl"),
        ("s3://b/x/y.cwl", "..", "s3://b/"),
        ("s3://b", "z.cwl", "s3://b/z.cwl"),
        ("s3://b/x/y.cwl", "a b%20c.cwl", "s3://b/x/a b%20c.cwl"),
        ("az://box@account/x/y.cwl", "z.cwl?q", "az://box@account/x/z.cwl?q"),
        ("az://box/x.cwl?a", "", "az://box/x.cwl?a"),
        ("az://box/x.cwl", "s3://b/y.cwl", "s3://b/y.cwl"),
        ("az://box/x.cwl?a", "?b", "az://box/x.cwl?b"),
    ],
)
def test_references_are_joined_as_the_standard_says(base, reference, found):
    assert joined(base, reference) == found
