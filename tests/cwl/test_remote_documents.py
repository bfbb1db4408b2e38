"""Documents and job orders of web servers, with what they refer to there."""

from __future__ import annotations

import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toil_cwl.cli import main

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs: {text: {type: File, inputBinding: {}}}
stdout: said.txt
outputs: {said: stdout}
"""
PACKED = """
cwlVersion: v1.2
$graph:
- id: main
  class: Workflow
  inputs: {text: File}
  outputs: {said: {type: File, outputSource: one/said}}
  steps:
    one: {run: sub/tool.cwl, in: {text: text}, out: [said]}
- id: other
  class: CommandLineTool
  baseCommand: "true"
  inputs: []
  outputs: []
"""


@pytest.fixture
def web(tmp_path):
    """A web server's URL, and what it was asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path / "web"))

        def log_message(self, *_):
            asked.append(self.path)

    (tmp_path / "web/sub").mkdir(parents=True)
    (tmp_path / "web/packed.cwl").write_text(PACKED)
    (tmp_path / "web/sub/tool.cwl").write_text(TOOL)
    (tmp_path / "web/job.yml").write_text("text: {class: File, location: sub/data.txt}\n")
    (tmp_path / "web/sub/data.txt").write_text("from far away")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path):
    """Where documents of web servers are kept: a folder of this test's own."""
    return {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.mark.parametrize("part", ["", "#main"])
def test_a_remote_workflow_runs_on_a_remote_job_order(toil_cwl, tmp_path, web, cache, part):
    url, asked = web
    told = toil_cwl("--quiet", f"{url}/packed.cwl{part}", f"{url}/job.yml", **cache)
    assert told.code == 0, told.text
    assert (tmp_path / "said.txt").read_text() == "from far away"
    assert {"/packed.cwl", "/sub/tool.cwl", "/job.yml", "/sub/data.txt"} <= set(asked)


def test_a_remote_tool_takes_a_remote_file_by_a_flag(toil_cwl, tmp_path, web, cache):
    url, _ = web
    told = toil_cwl("--quiet", "--no-doc-cache", f"{url}/sub/tool.cwl", "--text", f"{url}/sub/data.txt", **cache)
    assert told.code == 0, told.text
    assert (tmp_path / "said.txt").read_text() == "from far away"


@pytest.mark.parametrize("name", ["gone.cwl", "sub/gone.cwl#main"])
def test_a_remote_document_that_is_not_there_is_told_in_one_line(capsys, web, name):
    url, _ = web
    assert main(["--no-doc-cache", f"{url}/{name}"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "404" in told.err
    assert len(told.err.splitlines()) == 1


def test_a_server_that_does_not_answer_is_told_in_one_line(capsys):
    assert main(["--no-doc-cache", "http://127.0.0.1:1/tool.cwl"]) == 2
    told = capsys.readouterr().err
    assert "127.0.0.1" in told
    assert len(told.splitlines()) == 1
