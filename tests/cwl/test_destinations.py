"""Outputs go to a folder of this machine, or to a URL."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path, PurePosixPath

import pytest

from toil_core.api.url_access import UrlAccess
from toil_core.errors import NoSuchUrl, UnknownPlugin, UrlError, UsageError
from toil_core.local.file_url import FileUrlAccess
from toil_core.local.http_url import HttpUrlAccess
from toil_core.model.file import FileRef
from toil_cwl.destinations import UrlFolder, destination, local_folder, refuse_destination
from toil_cwl.export import Exporter
from toil_cwl.language import CwlLanguage
from toil_cwl.options import CwlOptions
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


class Place(UrlAccess):
    """URLs of a bucket that is not there, or that nothing is known of."""

    def __init__(self, is_missing):
        self.is_missing = is_missing

    def facts(self, url):
        raise UrlError(f"Cannot look at {url}: access is denied")

    read = facts

    def write(self, url, content, *, is_executable=False):
        pass

    def check_destination(self, url):
        if self.is_missing:
            raise NoSuchUrl(f"There is no bucket of {url}", "Make it")


def access(url):
    """What gives the access to ``mem://``, to files and to web servers."""
    if url.startswith("mem:"):
        return Place("missing" in url)
    if url.startswith("nobody:"):
        raise UnknownPlugin(f"No URL access for {url}")
    return FileUrlAccess() if url.startswith("file:") else HttpUrlAccess()


@pytest.mark.parametrize("url", ["http://example.org/out", "HTTPS://example.org/out"])
def test_a_web_server_is_refused_before_anything_runs(url):
    with pytest.raises(UsageError, match=r"cannot be left there: cannot write to https?: URLs\."):
        refuse_destination(url, access)


def test_a_kind_of_url_that_nobody_knows_is_refused_before_anything_runs():
    with pytest.raises(UnknownPlugin):
        refuse_destination("nobody://bucket", access)


def test_a_bucket_that_is_not_there_is_refused_before_anything_runs_and_one_that_may_be_is_not():
    refuse_destination("MEM://bucket/x", access)
    with pytest.raises(UsageError, match=r"left there: There is no bucket of mem://missing/x\. Make it"):
        refuse_destination("mem://missing/x", access)


def test_a_folder_that_can_be_made_is_none_that_is_made_yet(tmp_path):
    for outdir in (str(tmp_path / "a/b"), (tmp_path / "c").as_uri(), str(tmp_path)):
        refuse_destination(outdir, access)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("")
    for outdir in ("file", "file/below"):
        with pytest.raises(UsageError, match=r"file is not a folder\. Name another folder by --outdir"):
            refuse_destination(str(tmp_path / outdir), access)


def test_no_language_loads_what_could_not_be_left(tmp_path):
    (tmp_path / "tool.cwl").write_text(TOOL)
    language = CwlLanguage()
    language.use_urls(access)
    with pytest.raises(UsageError, match="no bucket of mem://missing"):
        language.load(str(tmp_path / "tool.cwl"), [], CwlOptions(outdir="mem://missing"))


@pytest.mark.parametrize("place", ["", "file/summary.json"])
def test_a_summary_that_could_not_be_written_is_told_before_anything_runs(toil_cwl, tmp_path, place):
    (tmp_path / "tool.cwl").write_text(TOOL)
    (tmp_path / "file").write_text("")
    told = toil_cwl("--write-summary", tmp_path / place, "tool.cwl")
    assert (told.code, told.outputs) == (2, None)
    assert "Name another file by --write-summary" in told.text
    assert len(told.text.splitlines()) == 1


def test_the_folder_of_a_summary_is_made(toil_cwl, tmp_path):
    (tmp_path / "tool.cwl").write_text(TOOL)
    assert toil_cwl("--write-summary", tmp_path / "new/summary.json", "tool.cwl").code == 0
    assert "file" in json.loads((tmp_path / "new/summary.json").read_text())


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
