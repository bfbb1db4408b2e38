"""Options and requirements that change what a tool without a container is given, or how it is read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from toil_core.model.requirements import Resources
from toil_cwl import door
from toil_cwl.options import CwlOptions

TOOL = """
cwlVersion: {version}
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#"}}
{asked}
baseCommand: [sh, -c, '{script}']
inputs: {{in: {{type: {type}, inputBinding: {{position: 1}}}}}}
outputs: {{said: {{type: stdout}}}}
"""


@pytest.fixture
def said(toil_cwl, tmp_path):
    """What a tool writes, or all that was told if it was not to be run."""

    def run(*flags, script, type="string?", asked="", version="v1.2", inputs=(), **variables):
        text = TOOL.format(script=script, type=type, asked=asked, version=version)
        (tmp_path / "tool.cwl").write_text(text)
        told = toil_cwl("--enable-ext", "--retry-count=0", *flags, "tool.cwl", *inputs, **variables)
        return Path(told.outputs["said"]["path"]).read_text() if told.code == 0 else told

    return run


def test_variables_are_kept_on_request_only(said):
    script = 'echo "$OURS" "$OTHER"'
    ours = {"OURS": "kept", "OTHER": "too"}
    assert said(script=script, **ours) == " \n"
    assert said("--preserve-environment=OURS", script=script, **ours) == "kept \n"
    assert said("--preserve-entire-environment", script=script, **ours) == "kept too\n"


def test_names_of_files_are_checked_on_request(said, tmp_path):
    (tmp_path / "a b$c").write_text("content")
    words = {"script": 'cat "$0"', "type": "File", "inputs": ["--in", "a b$c"]}
    assert said(**words) == "content"
    told = said("--relax-path-checks=false", **words)
    assert told.code == 1
    assert "a b$c" in told.text


@pytest.mark.parametrize(
    ("asked", "version", "seen"),
    [
        ("LoadListingRequirement: {loadListing: shallow_listing}", "v1.1", "a"),
        ("cwltool:LoadListingRequirement: {loadListing: no_listing}", "v1.0", "none"),
        ("cwltool:LoadListingRequirement: {loadListing: shallow_listing}", "v1.0", "a"),
        ("", "v1.0", "a/b"),
    ],
)
def test_a_tool_says_how_deep_its_directories_are_listed(tmp_path, asked, version, seen):
    (tmp_path / "top" / "a").mkdir(parents=True)
    (tmp_path / "top" / "a" / "b").touch()
    expression = (
        '${ var one = inputs["in"].listing; if (!one || !one.length) return "none";'
        ' var two = one[0].listing; return two && two.length ? "a/b" : "a"; }'
    )
    variable = f"EnvVarRequirement: {{envDef: {{SEEN: '{expression}'}}}}"
    requirements = ", ".join(filter(None, ["InlineJavascriptRequirement: {}", variable, asked]))
    asked = f"requirements: {{{requirements}}}"
    (tmp_path / "tool.cwl").write_text(TOOL.format(script="echo $SEEN", type="Directory", asked=asked, version=version))
    options = CwlOptions(enable_ext=True)
    root = door.load_document((tmp_path / "tool.cwl").as_uri(), options).root
    attempt = SimpleNamespace(files=None, work_dir=tmp_path, job=SimpleNamespace(name="tool"), resources=Resources())
    top = {"class": "Directory", "location": (tmp_path / "top").as_uri()}
    made = door.run_tool(root, {"in": top}, attempt, options, {}).outputs["said"]
    assert Path(unquote(made["location"].removeprefix("file://"))).read_text() == f"{seen}\n"


def test_checksums_are_left_out_on_request(toil_cwl, tmp_path):
    (tmp_path / "tool.cwl").write_text(TOOL.format(script="echo", type="string?", asked="", version="v1.2"))
    assert toil_cwl("tool.cwl").outputs["said"]["checksum"] == "sha1$adc83b19e793491b1c6ea0fd8b46cd9f32e592fc"
    assert "checksum" not in toil_cwl("--no-compute-checksum", "tool.cwl").outputs["said"]


SOFTWARE = "{section}: {{SoftwareRequirement: {{packages: [{{package: no-such-software}}]}}}}"


def test_software_that_a_tool_requires_is_refused_with_the_flag_that_finds_it(said):
    told = said(script="echo", asked=SOFTWARE.format(section="requirements"))
    assert told.code == 33
    assert told.text.rstrip().endswith("Try --beta-conda-dependencies")
    assert said(script="echo", asked=SOFTWARE.format(section="hints")) == "\n"


@pytest.mark.parametrize(
    "flag",
    ["--beta-dependency-resolvers-configuration=resolvers.yml", "--beta-use-biocontainers"],
)
@pytest.mark.skipif(find_spec("galaxy") is not None, reason="galaxy-tool-util is installed")
def test_software_cannot_be_found_without_the_library_that_finds_it(said, flag):
    told = said(flag, script="echo")
    assert told.code == 33
    assert "pip install galaxy-tool-util" in told.text


@pytest.mark.skipif(find_spec("galaxy") is None, reason="galaxy-tool-util is not installed")
def test_software_that_a_tool_requires_is_found(said, tmp_path):
    place = tmp_path / "software" / "no-such-software" / "1"
    place.mkdir(parents=True)
    (place / "env.sh").write_text("export OURS=found")
    (tmp_path / "resolvers.yml").write_text(f"- type: galaxy_packages\n  base_path: {tmp_path}/software\n")
    flag = "--beta-dependency-resolvers-configuration=resolvers.yml"
    asked = SOFTWARE.format(section="requirements").replace("no-such-software", 'no-such-software, version: ["1"]')
    assert said(flag, script="echo $OURS", asked=asked) == "found\n"
