"""Outputs go to a folder of this machine, or to a URL."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path, PurePosixPath

import pytest

from toil_core.errors import UnknownPlugin, UsageError
from toil_core.model.file import FileRef
from toil_cwl.destinations import UrlFolder, destination, local_folder, refuse_read_only
from toil_cwl.export import Exporter
from toil_cwl.values import location_of

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'mkdir "a b"; echo deep > "a b/deep.txt"; echo top > "100%.txt"']
inputs: []
outputs:
  folder: {type: Directory, outputBinding: {glob: "a b"}}
  file: {type: File, outputBinding: {glob: "100%.txt"}}
"""


class Bucket:
    """The files of a run that can write to URLs of one kind, ``mem://``."""

    def __init__(self):
        self.stored = {}
        self.written = {}

    def write_bytes(self, content, *, name=""):
        ref = FileRef(f"k{len(self.stored)}", len(content), checksum(content), name=name)
        self.stored[ref.key] = content
        return ref

    def open(self, ref):
        return io.BytesIO(self.stored[ref.key])

    def export(self, ref, url, *, move=False):
        self.written[url] = self.stored[ref.key]

    def url_exists(self, url):
        if not url.startswith("mem:"):
            raise UnknownPlugin(f"No URL access for {url}")
        return False


def checksum(content):
    return f"sha1${hashlib.sha1(content).hexdigest()}"


@pytest.fixture
def bucket():
    return Bucket()


@pytest.fixture
def export(bucket):
    return Exporter(bucket, destination("mem://bucket/run 1/", bucket), checksums=True).export


def test_a_stored_file_is_shown_at_its_url_without_a_path(bucket, export):
    ref = bucket.write_bytes(b"content", name="a b.txt")
    shown = export({"class": "File", "basename": "a b.txt", "location": location_of(ref), "checksum": ref.checksum})
    url = "mem://bucket/run 1/a%20b.txt"
    assert bucket.written == {url: b"content"}
    expected = {"class": "File", "basename": "a b.txt", "location": url, "size": 7, "checksum": checksum(b"content")}
    assert shown == expected


def test_names_that_clash_are_numbered_at_a_url_too(bucket, export):
    refs = [bucket.write_bytes(text, name="x") for text in (b"1", b"2")]
    export([{"class": "File", "basename": "x", "location": location_of(ref)} for ref in refs])
    assert bucket.written == {"mem://bucket/run 1/x": b"1", "mem://bucket/run 1/x_2": b"2"}


def test_a_directory_and_a_literal_in_it_have_urls(bucket, export):
    literal = {"class": "File", "basename": "note", "contents": "hello"}
    shown = export({"class": "Directory", "basename": "d", "listing": [literal]})
    assert bucket.written == {"mem://bucket/run 1/d/note": b"hello"}
    assert shown["location"] == "mem://bucket/run 1/d"
    assert shown["listing"][0]["checksum"] == checksum(b"hello")


def test_a_checksum_that_is_not_known_is_made_by_reading(bucket):
    bucket.stored["k"] = b"content"
    folder = UrlFolder("mem://bucket", bucket)
    path = PurePosixPath("x")
    folder.put(FileRef("k", 7), path)
    assert (folder.size(path), folder.checksum(path)) == (7, checksum(b"content"))


@pytest.mark.parametrize("url", ["http://example.org/out", "HTTPS://example.org/out"])
def test_a_web_server_is_refused_before_anything_runs(bucket, url):
    with pytest.raises(UsageError, match="such URLs are read only"):
        refuse_read_only(url, bucket)


def test_a_kind_of_url_that_nobody_knows_is_refused_before_anything_runs(bucket):
    refuse_read_only("mem://bucket", bucket)
    with pytest.raises(UnknownPlugin):
        refuse_read_only("nobody://bucket", bucket)


def test_a_folder_may_be_named_by_its_url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_folder("file:///a%20b/c") == Path("/a b/c")
    assert local_folder("out") == tmp_path / "out"
    assert local_folder("") == tmp_path
    assert local_folder("s3://bucket/x") is None


@pytest.mark.parametrize("flag", ["--outdir", "--destBucket"])
def test_a_run_leaves_its_outputs_at_a_url(toil_cwl, tmp_path, flag):
    (tmp_path / "tool.cwl").write_text(TOOL)
    told = toil_cwl("--quiet", flag, f"file://{tmp_path}/far%20away", "tool.cwl")
    assert told.code == 0, told.text
    assert (tmp_path / "far away/a b/deep.txt").read_text() == "deep\n"
    assert (tmp_path / "far away/100%.txt").read_text() == "top\n"
    assert told.outputs["file"]["location"] == f"file://{tmp_path}/far%20away/100%25.txt"
    assert json.dumps(told.outputs).count("far away") == 3  # the paths


def test_a_url_of_a_kind_that_is_not_installed_says_what_to_do(toil_cwl, tmp_path):
    (tmp_path / "tool.cwl").write_text(TOOL)
    told = toil_cwl("--outdir", "nobody://bucket/x", "tool.cwl")
    assert told.code == 2
    assert "Install the plugin that brings it" in told.text
    assert "FAILED" not in told.text
