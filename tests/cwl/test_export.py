"""Outputs arrive in the output folder, each under a name of its own, and nowhere else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from toil_core.errors import UsageError
from toil_core.model.file import FileRef
from toil_cwl.destinations import LocalFolder
from toil_cwl.export import Exporter
from toil_cwl.values import location_of


class Files:
    """As much of a run's files as an export needs."""

    def __init__(self):
        self.contents = {}

    def store(self, content):
        ref = FileRef(f"k{len(self.contents)}", len(content), f"sha1${hashlib.sha1(content).hexdigest()}")
        self.contents[ref.key] = content
        return ref

    def import_url(self, url):
        path = Path(unquote(urlsplit(url).path))
        return FileRef(url, path.stat().st_size)

    def export(self, ref, url, *, move=False):
        path = Path(unquote(urlsplit(url).path))
        path.parent.mkdir(parents=True, exist_ok=True)
        source = unquote(urlsplit(ref.key).path)
        path.write_bytes(Path(source).read_bytes() if ref.is_by_reference else self.contents[ref.key])

    def list_url(self, url):
        folder = Path(unquote(urlsplit(url).path))
        return sorted(entry.name + "/" * entry.is_dir() for entry in folder.iterdir())


@pytest.fixture
def files():
    return Files()


@pytest.fixture
def outdir(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def export(files, outdir):
    return Exporter(files, LocalFolder(outdir, files), checksums=True).export


@pytest.fixture
def stored(files):
    def make(name, content=b"content", **fields):
        return {"class": "File", "basename": name, "location": location_of(files.store(content)), **fields}

    return make


def content_of(outdir):
    return {str(path.relative_to(outdir)): path.read_text() for path in outdir.rglob("*") if path.is_file()}


def test_a_stored_file_is_shown_with_its_new_place(export, stored, outdir):
    shown = export({"x": stored("a b.txt", format="f", nameroot="a b")})["x"]
    assert shown == {
        "class": "File",
        "basename": "a b.txt",
        "location": (outdir / "a b.txt").as_uri(),
        "path": str(outdir / "a b.txt"),
        "checksum": "sha1$" + hashlib.sha1(b"content").hexdigest(),
        "size": 7,
        "format": "f",
    }
    assert content_of(outdir) == {"a b.txt": "content"}


def test_plain_values_stay_as_they_are(export):
    value = {"a": 1, "b": [None, "x", {"c": 1.5}], "d": {}}
    assert export(value) == value


def test_names_that_clash_are_numbered(export, stored, outdir):
    names = [shown["basename"] for shown in export([stored("a", b"1"), stored("a", b"2"), stored("a", b"3")])]
    assert names == ["a", "a_2", "a_3"]
    assert content_of(outdir) == {"a": "1", "a_2": "2", "a_3": "3"}


def test_a_number_does_not_take_the_name_of_another_output(export, stored, outdir):
    export([stored("a", b"1"), stored("a_2", b"2"), stored("a", b"3")])
    assert content_of(outdir) == {"a": "1", "a_2": "2", "a_3": "3"}


def test_a_file_named_twice_is_written_once(export, stored, outdir):
    one = stored("a")
    first, second = export([one, dict(one)])
    assert first == second
    assert content_of(outdir) == {"a": "content"}


def test_one_content_under_two_names_is_two_files(export, stored, outdir):
    one = stored("a")
    names = [shown["basename"] for shown in export([one, {**one, "basename": "b"}])]
    assert names == ["a", "b"]
    assert content_of(outdir) == {"a": "content", "b": "content"}


def test_literals_of_one_text_keep_their_names(export, outdir):
    made = [{"class": "File", "basename": name, "contents": "same"} for name in ("x", "y")]
    assert [shown["basename"] for shown in export(made)] == ["x", "y"]
    assert content_of(outdir) == {"x": "same", "y": "same"}


def test_a_literal_is_measured_and_its_contents_are_not_repeated(export, outdir):
    shown = export({"class": "File", "basename": "x", "contents": "é"})
    assert "contents" not in shown
    assert shown["size"] == 2
    assert shown["checksum"] == "sha1$" + hashlib.sha1("é".encode()).hexdigest()


def test_secondary_files_lie_beside_their_file(export, stored, outdir):
    shown = export(stored("a.bam", secondaryFiles=[stored("a.bam.bai", b"i")]))
    assert shown["secondaryFiles"][0]["path"] == str(outdir / "a.bam.bai")
    assert content_of(outdir) == {"a.bam": "content", "a.bam.bai": "i"}


def test_a_directory_is_written_with_all_it_lists(export, stored, outdir):
    inner = {"class": "Directory", "basename": "inner", "listing": [stored("b", b"2")]}
    empty = {"class": "Directory", "basename": "empty", "listing": []}
    shown = export({"class": "Directory", "basename": "d", "listing": [stored("a", b"1"), inner, empty]})
    assert content_of(outdir) == {"d/a": "1", "d/inner/b": "2"}
    assert (outdir / "d/empty").is_dir()
    assert [item["basename"] for item in shown["listing"]] == ["a", "inner", "empty"]


def test_a_directory_that_lies_somewhere_is_listed_and_copied(export, tmp_path, outdir):
    (tmp_path / "given d/sub").mkdir(parents=True)
    (tmp_path / "given d/sub/a#b").write_text("1")
    location = (tmp_path / "given d").as_uri()
    export({"class": "Directory", "basename": "d", "location": location})
    assert content_of(outdir) == {"d/sub/a#b": "1"}


@pytest.mark.parametrize("name", ["../a", "/etc/a", "..", ".", "a/../../b"])
@pytest.mark.parametrize("kind", ["File", "Directory"])
def test_a_name_cannot_leave_the_folder_and_nothing_is_written(export, stored, outdir, tmp_path, name, kind):
    bad = {"class": kind, "basename": name, "contents": "x", "listing": []}
    before = sorted(tmp_path.rglob("*"))
    for value in ([stored("good"), bad], stored("good", secondaryFiles=[bad])):
        with pytest.raises(UsageError, match="would leave the output folder"):
            export(value)
    with pytest.raises(UsageError, match="would leave the output folder"):
        export({"class": "Directory", "basename": "d", "listing": [bad]})
    assert sorted(tmp_path.rglob("*")) == before


def test_a_literal_does_not_write_through_a_link_in_the_folder(export, outdir, tmp_path):
    (tmp_path / "precious").write_text("kept")
    (outdir / "x").symlink_to(tmp_path / "precious")
    export({"class": "File", "basename": "x", "contents": "new"})
    assert (tmp_path / "precious").read_text() == "kept"
    assert (outdir / "x").read_text() == "new"


def test_checksums_may_be_left_out(files, outdir, stored):
    shown = Exporter(files, LocalFolder(outdir, files), checksums=False).export(
        [stored("a"), {"class": "File", "contents": ""} | {"basename": "b"}]
    )
    assert all("checksum" not in one and "size" in one for one in shown)
