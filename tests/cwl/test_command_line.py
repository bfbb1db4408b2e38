"""The command line: what help tells, what other runners' flags mean, and where options stand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from toil_core.config.declared import declared
from toil_cwl.cli import main
from toil_cwl.command_options import COMMAND_OPTIONS

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
doc: Says 100% of [what] it is told.
baseCommand: {program}
inputs:
  word: {{type: string, doc: What to say., inputBinding: {{}}}}
  validate: {{type: boolean, default: true, inputBinding: {{prefix: -v}}}}
  times: {{type: int?, doc: How often.}}
  quiet: {{type: string?, inputBinding: {{position: -1}}}}
  mixed: ["null", int, File]
  deep: {{type: ["null", {{type: array, items: {{type: array, items: int}}}}]}}
stdout: said.txt
outputs:
  said: {{type: string, outputBinding: {{glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}}}
requirements: {{InlineJavascriptRequirement: {{}}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with documents, which is also the current one."""
    (tmp_path / "echo.cwl").write_text(TOOL.format(program="echo"))
    (tmp_path / "false.cwl").write_text(TOOL.format(program="'false'"))
    (tmp_path / "job.yml").write_text("cwl:tool: echo.cwl\nword: from a job order\n")
    (tmp_path / "far").mkdir()
    (tmp_path / "far/echo.cwl").write_text(TOOL.format(program="echo"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def helped(capsys):
    """What help tells on the way out."""

    def text(*words):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0
        return capsys.readouterr().out

    return text


def test_help_groups_options_by_topic_and_ends_with_those_that_do_nothing(helped):
    text = helped("--help")
    headings = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    for heading in (
        "Look at a document instead of running it",
        "CWL: containers",
        "CWL: running a part of a workflow",
        "CWL: outputs",
        "Running jobs",
    ):
        assert headings.count(heading) == 1
    assert headings[-1].startswith("CWL: accepted")
    assert text.index("CWL: containers:") < text.index("  --podman ") < text.index("Running jobs:")


def test_help_of_a_document_tells_its_inputs(helped):
    text = " ".join(helped("echo.cwl", "--help").split())
    assert "usage: toil-cwl [OPTIONS] echo.cwl [JOB_ORDER] [--INPUT VALUE ...]" in text
    assert "Says 100% of [what] it is told." in text
    assert "--word string What to say. Required." in text
    assert "--times int How often." in text
    assert "--validate Default: true." in text
    assert "--mixed int|File" in text
    assert "--deep int[][]" in text
    assert "help-preview" not in text
    assert helped("echo.cwl", "-h") == helped("echo.cwl", "--word", "x", "--help")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["echo.cwl", "--word", "an option's name", "--validate=false"], "an option's name\n"),
        (["echo.cwl", "--word", "x", "--quiet=what"], "what -v x\n"),
        (["job.yml"], "-v from a job order\n"),
        (["job.yml", "--word", "a flag wins"], "-v a flag wins\n"),
    ],
)
def test_inputs_have_any_name_and_come_also_with_a_job_order_that_names_its_document(toil_cwl, words, said):
    told = toil_cwl("--quiet", *words)
    assert (told.code, told.outputs) == (0, {"said": said}), told.text


def test_values_of_types_without_a_flag_are_yaml(capsys):
    assert main(["--validate", "echo.cwl", "--word", "x", "--mixed", "3", "--deep", "[[1, 2], []]"]) == 0
    assert main(["--validate", "echo.cwl", "--word", "x", "--mixed", "{class: File, path: job.yml}"]) == 0
    capsys.readouterr()
    assert main(["--validate", "echo.cwl", "--word", "x", "--deep", "[[a]]"]) == 2
    assert "'deep'" in capsys.readouterr().err
    assert main(["--validate", "echo.cwl", "--word", "x", "--deep", "[[1"]) == 2
    assert "is no YAML" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["echo.cwl", "--outdir", "x", "--word", "y"],
            "--outdir is an option of toil-cwl, and no input of echo.cwl. "
            "Put it before the document: toil-cwl --outdir ... echo.cwl",
        ),
        (["echo.cwl", "--wrod", "y"], "The document has no input --wrod. Did you mean --word?"),
        (["--no-contianer", "echo.cwl"], "Unknown option --no-contianer. Did you mean --no-container?"),
        (["--on-error", "ignore", "echo.cwl"], '--on-error is "ignore": not one of continue, stop'),
        (["--quiet=what", "echo.cwl"], '--quiet is "what": neither true nor false'),
        (["--quiet", "--debug", "echo.cwl", "--word", "y"], "--quiet and --debug exclude each other"),
        (["--tmpdir-prefix", "echo.cwl/x/", "echo.cwl"], "Cannot make the folder"),
        (["ftp://a/b.cwl"], 'No URL access for "ftp". Installed: '),
    ],
)
def test_a_flag_at_the_wrong_place_is_told_with_the_right_one(capsys, words, said):
    assert main(words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_flags_of_other_runners_are_accepted(toil_cwl, folder):
    flags = """--parallel --strict --compute-checksum --doc-cache --verbose --timestamps --enable-color --disable-color
        --move-outputs --copy-outputs --leave-outputs --rm-tmpdir --leave-tmpdir --bypass-file-store
        --reference-inputs --disable-js-validation --js-hint-options-file x --js-console --parallel-max 2
        --enable-ga4gh-tool-registry --disable-ga4gh-tool-registry --add-ga4gh-tool-registry x --no-prepull
        --enable-pull --disable-pull --rm-container --leave-container --record-container-id --cidfile-dir .
        --cidfile-prefix x --disable-streaming --on-error stop --no-cwl-default-ram --cwl-min-ram 1GiB
        --tmpdir-prefix tmp/a --tmp-outdir-prefix tmp/b --quiet --bypassFileStore --log-dir logs"""
    told = toil_cwl(*flags.split(), "--write-summary", "summary.json", "echo.cwl", "--word", "x")
    assert (told.code, told.text, told.outputs) == (0, "", None)
    assert json.loads((folder / "summary.json").read_text()) == {"said": "-v x\n"}
    assert [path.name for path in (folder / "logs").iterdir()]


def test_a_prefix_for_directories_of_tools_is_the_work_directory(folder):
    words = [
        "--quiet",
        "--no-container",
        "--tmpdir-prefix",
        "made/here/x",
        "--retry-count",
        "0",
        "false.cwl",
        "--word",
        "x",
    ]
    runner = [sys.executable, "-c", "import sys; from toil_cwl.cli import main; sys.exit(main())"]
    done = subprocess.run([*runner, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"--restart --job-store file:{folder}/made/here/toil-store-" in done.stderr


def test_every_option_of_the_command_is_told_on_its_page_in_a_sentence():
    pages = Path(__file__).parents[2] / "docs"
    page, table = (pages / "cwl.md").read_text(), (pages / "options.md").read_text()
    options = [option for owner in COMMAND_OPTIONS for option in declared(owner)]
    assert len(options) > 40
    assert [option.flag for option in options if not option.facts.help.endswith(".")] == []
    assert [option.flag for option in options if option.flag not in page] == []
    assert [option.flag for option in options if f"`{option.flag}`" not in table] == []
