"""Secret inputs reach the tool, and nothing else that lasts or that others see."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.sealing import seal, unseal

SECRET = "pa55-w0rd-of-this-test"
OTHER = f"{SECRET}-2"
WORKFLOW = """
cwlVersion: v1.2
class: Workflow
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
requirements:
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}
  ScatterFeatureRequirement: {}
inputs: {word: string, more: "string[]", sums: "string[]"}
outputs: {fine: {type: string, outputSource: use/fine}, each: {type: "string[]", outputSource: each/fine}}
steps:
  use:
    in: {password: word, sums: sums, login: {source: word, valueFrom: 'me:$(self)'}}
    out: [fine]
    run:
      class: CommandLineTool
      hints: {"cwltool:Secrets": {secrets: [password]}}
      requirements:
        InitialWorkDirRequirement:
          listing: [{entryname: login.ini, entry: 'login = $(inputs.login)'}]
        EnvVarRequirement: {envDef: {PASSWORD: $(inputs.password)}}
      baseCommand: [sh, -c]
      arguments:
      - |
        echo "$PASSWORD" said by the tool
        echo "$PASSWORD" said by the tool >&2
        set -e
        test "login = me:$PASSWORD" = "`cat login.ini`"
        test "$1" = "$PASSWORD"
        printf %s "$1" | sha1sum | grep "$2" >&2
        printf %s fine > said
      - sh
      - $(inputs.password)
      - $(inputs.sums[0])
      inputs: {password: string, login: string, sums: "string[]"}
      outputs:
        fine: &said {type: string, outputBinding: {glob: said, loadContents: true, outputEval: "$(self[0].contents)"}}
  each:
    scatter: word
    in: {word: more, sums: sums}
    out: [fine]
    run:
      class: CommandLineTool
      requirements: {"cwltool:Secrets": {secrets: [word]}}
      baseCommand: [sh, -c, 'printf %s "$0" | sha1sum | grep "$1" && printf %s fine > said']
      inputs: {word: {type: string, inputBinding: {}}, sums: "string[]"}
      arguments: [{valueFrom: "$(inputs.sums[1])", position: 2}]
      outputs: {fine: *said}
"""


def test_sealed_secrets_are_told_by_their_own_key_only():
    secrets = {"(secret-1)": SECRET, "(secret-2)": "ünï\ncode" * 1000}
    sealed, key = seal(secrets)
    assert unseal(sealed, key) == secrets
    assert seal(secrets) != (sealed, key)
    assert SECRET.encode() not in base64.b64decode(sealed)
    with pytest.raises(ValueError):
        unseal(sealed, key[::-1])


@pytest.fixture
def run(toil_cwl, tmp_path):
    """Runs the workflow, keeping all that it writes in the folder ``kept``; returns what it said."""
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "workflow.cwl").write_text(WORKFLOW)

    def start(*words, **changes):
        sums = [hashlib.sha1(value.encode()).hexdigest() for value in (SECRET, OTHER)]
        order = {"word": SECRET, "more": [OTHER], "sums": sums, **changes}
        (tmp_path / "given" / "order.json").write_text(json.dumps(order))
        keep = ["--clean=never", "--job-store", "kept/store", "--work-dir", tmp_path / "kept"]
        tell = ["--write-events", "kept/events", "--write-logs", "kept/logs", "--write-logs-from-all-jobs"]
        options = ["--enable-ext", "--retry-count=0", "--log-level=debug", *keep, *tell, *words]
        (tmp_path / "kept").mkdir(exist_ok=True)
        return toil_cwl(*options, "given/workflow.cwl", "given/order.json")

    return start


def files_with(text, folder):
    """The files below a folder with the text in them, those that others may read among them."""
    found = [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    assert any(path.is_file() for path in folder.rglob("*"))
    return found


def test_secrets_reach_tools_but_no_store_log_event_or_message(run, tmp_path):
    told = run()
    assert told.code == 0, told.text
    assert told.outputs == {"fine": "fine", "each": ["fine"]}
    assert files_with("said by the tool", tmp_path / "kept")
    assert files_with(SECRET, tmp_path / "kept") == []
    assert SECRET not in told.text
    assert "*** said by the tool" in "".join(path.read_text() for path in (tmp_path / "kept" / "logs").iterdir())
    words = ["debug-file", "kept/store", "--fetch-entire-job-store", "--local-file-path", "fetched"]
    subprocess.run([Path(sys.executable).with_name("toil"), *words], cwd=tmp_path, check=True)
    assert files_with("*** said by the tool", tmp_path / "fetched")
    assert files_with(SECRET, tmp_path / "fetched") == []


def test_a_tool_that_fails_on_a_secret_does_not_tell_it_and_a_restart_still_knows_it(run, tmp_path):
    told = run(sums=["none", "none"])
    assert told.code == 1
    assert "exited with status 1" in told.text
    assert SECRET not in told.text
    assert files_with(SECRET, tmp_path / "kept") == []
    told = run(
        "--restart", word="another", more=["others"], sums=["none", "none"]
    )  # the run's inputs are those it began with
    assert told.code == 1
    logs = "".join(path.read_text() for path in (tmp_path / "kept" / "logs").iterdir())
    assert logs.count("*** said by the tool") >= 2
    assert "another" not in logs


def test_names_of_a_workflow_say_nothing_of_the_inputs_of_its_tools(tmp_path):
    (tmp_path / "workflow.cwl").write_text(
        """
cwlVersion: v1.2
class: Workflow
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
hints: {"cwltool:Secrets": {secrets: [word]}}
inputs: {word: string, number: int, inner: string}
outputs: []
steps:
  step:
    in: {word: number, key: inner}
    out: []
    run:
      class: CommandLineTool
      hints: {"cwltool:Secrets": {secrets: [key]}}
      inputs: {word: int, key: string}
      outputs: []
"""
    )
    root = door.load_document((tmp_path / "workflow.cwl").as_uri(), CwlOptions()).root
    secrets = {}
    shown = door.hidden(root, {"word": "one", "number": 2, "inner": "three"}, secrets)
    assert shown["number"] == 2
    assert {secrets[shown["word"]], secrets[shown["inner"]]} == {"one", "three"}


def test_a_default_is_hidden_as_well(toil_cwl, tmp_path):
    (tmp_path / "tool.cwl").write_text(
        """
cwlVersion: v1.2
class: ExpressionTool
requirements: {InlineJavascriptRequirement: {}}
hints: {"cwltool:Secrets": {secrets: [word]}}
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
inputs: {word: {type: string, default: said}}
outputs: {word: string}
expression: "$({word: inputs.word})"
"""
    )
    assert toil_cwl("tool.cwl").outputs["word"].startswith("(secret-")
    assert toil_cwl("tool.cwl", "--word", "other").outputs["word"].startswith("(secret-")


def test_what_was_made_of_a_secret_is_not_kept_for_reuse(toil_cwl, tmp_path):
    tool = "{class: CommandLineTool, baseCommand: echo, inputs: {key: string}, outputs: []%s}"
    declares = ', hints: {"cwltool:Secrets": {secrets: [key]}}'
    (tmp_path / "workflow.cwl").write_text(
        f"""
cwlVersion: v1.2
class: Workflow
$namespaces: {{cwltool: "http://commonwl.org/cwltool#"}}
inputs: {{word: string, other: string}}
outputs: []
steps:
  says: {{in: {{key: word}}, out: [], run: {tool % declares}}}
  does_not_say: {{in: {{key: word}}, out: [], run: {tool % ""}}}
  is_none: {{in: {{key: other}}, out: [], run: {tool % ""}}}
"""
    )
    told = toil_cwl("--reuse-results=reuse", "workflow.cwl", "--word", SECRET, "--other", "plain")
    assert told.code == 0, told.text
    assert len(list((tmp_path / "reuse" / "entries").iterdir())) == 1


def test_a_secret_that_is_no_text_is_refused_without_telling_it(run, tmp_path):
    told = run(word=5550)
    assert told.code == 2
    assert 'The input "word" is secret, and only text can be kept secret' in told.text
    assert "5550" not in told.text


def test_a_secret_of_the_wrong_type_is_refused_without_telling_it(run, tmp_path):
    told = run(more=SECRET)
    assert told.code == 2
    assert "more" in told.text
    assert SECRET not in told.text


def test_an_engine_of_containers_is_given_secrets_where_no_list_of_processes_shows_them(
    toil_cwl, tmp_path, recording_docker
):
    (tmp_path / "tool.cwl").write_text(
        """
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerImageId: image}
  EnvVarRequirement: {envDef: {TOKEN: $(inputs.token), DOCKER_AUTH_CONFIG: $(inputs.token)}}
hints: {"cwltool:Secrets": {secrets: [token]}}
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
baseCommand: "true"
inputs: {token: string}
outputs: []
"""
    )
    (tmp_path / "order.json").write_text(json.dumps({"token": SECRET}))
    told = toil_cwl("tool.cwl", "order.json", contained=True, **recording_docker.variables)
    assert told.code == 0, told.text
    assert SECRET not in " ".join(recording_docker.words)
    assert f"TOKEN={SECRET}" in recording_docker.environment
    assert recording_docker.file == f"DOCKER_AUTH_CONFIG={SECRET}\n"
    (tmp_path / "order.json").write_text(json.dumps({"token": f"{SECRET}\n{SECRET}"}))
    told = toil_cwl("tool.cwl", "order.json", contained=True, **recording_docker.variables)
    assert told.code == 33
    assert "the secret in the variable DOCKER_AUTH_CONFIG has several lines" in told.text
    assert SECRET not in told.text
