"""Inputs of other machines are in the job store before anything runs."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toil_core.errors import UsageError
from toil_core.files.job_files import SMALL_BYTES, JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_url import FileUrlAccess
from toil_core.local.http_url import HttpUrlAccess
from toil_core.model.ids import AttemptId
from toil_core.testing import MemoryPlace, MemoryStorage
from toil_cwl.destinations import LocalFolder
from toil_cwl.export import Exporter
from toil_cwl.imports import imported
from toil_cwl.values import ref_of

LONG = bytes(SMALL_BYTES + 1)


class CopyingStorage(MemoryStorage):
    """As one whose service copies what is at URLs."""

    def copy_url(self, key, url):
        self.put(key, LONG)
        return len(LONG)


@pytest.fixture
def url(tmp_path):
    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path / "web"))

        def log_message(self, *_):
            pass

    (tmp_path / "web").mkdir()
    for name in ("reads.fq", "reads.fq.idx"):
        (tmp_path / "web" / name).write_text(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def files(tmp_path):
    storage = MemoryStorage(MemoryPlace())
    storage.create()
    urls = Urls(lambda _: HttpUrlAccess())
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    return JobFiles(node, AttemptId("1.1"), tmp_path / "work")


@pytest.fixture
def lone_files(tmp_path):
    """Of a run whose jobs do not see this machine's files."""
    storage = MemoryStorage(MemoryPlace())
    storage.create()
    urls = Urls(lambda _: FileUrlAccess())
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls, shares_files=False)
    return JobFiles(node, AttemptId("1.1"), tmp_path / "work")


def content(file, files):
    with files.open(ref_of(file["location"])) as stream:
        return stream.read().decode()


def test_remote_files_are_stored_wherever_they_are_named_and_local_ones_stay(url, files):
    local = {"class": "File", "location": "file:///data/a.txt"}
    reads = {"class": "File", "location": f"{url}/reads.fq", "basename": "reads.fq"}
    index = {"class": "File", "location": f"{url}/reads.fq.idx"}
    found = imported(
        {"n": 1, "local": local, "list": [{"record": {**reads, "secondaryFiles": [index]}}], "again": reads}, files
    )
    assert (found["n"], found["local"]) == (1, local)
    stored = found["list"][0]["record"]
    assert content(stored, files) == "reads.fq"
    assert content(stored["secondaryFiles"][0], files) == "reads.fq.idx"
    assert (stored["size"], stored["basename"]) == (8, "reads.fq")
    assert found["again"]["location"] == stored["location"]


def test_what_is_not_there_is_told_with_the_name_of_its_input(url, files):
    with pytest.raises(UsageError, match='The input "reads" cannot be read: There is nothing at http'):
        imported({"reads": {"class": "File", "location": f"{url}/absent.fq"}}, files)


def test_a_remote_directory_that_cannot_be_listed_is_refused(url, files):
    told = 'The input "d" cannot be read: cannot list http: URLs. List the directory\'s files'
    with pytest.raises(UsageError, match=told):
        imported({"d": {"class": "Directory", "location": f"{url}/d"}}, files)


def test_local_files_and_directories_are_stored_where_jobs_do_not_see_them(lone_files, tmp_path):
    (tmp_path / "d" / "in ner").mkdir(parents=True)
    (tmp_path / "d" / "in ner" / "leaf").write_text("leaf")
    (tmp_path / "a.txt").write_text("a")
    file = {"class": "File", "location": (tmp_path / "a.txt").as_uri()}
    directory = {"class": "Directory", "location": (tmp_path / "d").as_uri()}
    found = imported({"file": file, "list": [directory]}, lone_files)
    assert (content(found["file"], lone_files), found["file"]["basename"]) == ("a", "a.txt")
    (top,) = found["list"]
    (inner,) = top["listing"]
    assert (top["basename"], inner["basename"], inner["class"]) == ("d", "in ner", "Directory")
    assert content(inner["listing"][0], lone_files) == "leaf"
    assert "file:" not in json.dumps(found)


def test_a_local_directory_that_is_not_there_is_told_with_the_name_of_its_input(lone_files, tmp_path):
    with pytest.raises(UsageError, match='The input "d" cannot be read'):
        imported({"d": {"class": "Directory", "location": (tmp_path / "d").as_uri()}}, lone_files)


def test_file_that_the_service_copied_shows_no_checksum_and_has_one_when_it_is_exported(url, tmp_path):
    storage = CopyingStorage(MemoryPlace())
    storage.create()
    (tmp_path / "web" / "long").write_bytes(LONG)
    urls = Urls(lambda one: FileUrlAccess() if one.startswith("file:") else HttpUrlAccess())
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    files = JobFiles(node, AttemptId("1.1"), tmp_path / "work")
    found = imported({"it": {"class": "File", "location": f"{url}/long"}}, files)["it"]
    assert (found["size"], found["basename"]) == (len(LONG), "long")
    assert "checksum" not in found
    for outdir in (tmp_path / "out", tmp_path / "more"):
        exported = Exporter(files, LocalFolder(outdir, files), checksums=True).export(dict(found))
        assert exported["checksum"] == f"sha1${hashlib.sha1(LONG).hexdigest()}"
        assert (outdir / "long").read_bytes() == LONG
