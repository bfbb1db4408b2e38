"""Outputs in the output folder: no name is lost, and none leads out of it."""

from __future__ import annotations

import pytest

from toil_core.errors import UsageError
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.ids import AttemptId
from toil_core.testing import MemoryPlace, MemoryStorage
from toil_cwl.export import Exporter
from toil_cwl.values import location_of


@pytest.fixture
def files(tmp_path):
    storage = MemoryStorage(MemoryPlace())
    storage.create()
    urls = Urls(lambda url: FileUrlAccess())
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    found = JobFiles(node, AttemptId("1.1"), tmp_path / "work")
    yield found
    found.finish()


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def export(files, out):
    return Exporter(files, out, checksums=True).export


@pytest.fixture
def stored(files):
    def make(content, name, **fields):
        ref = files.write_bytes(content.encode(), name=name)
        return {"class": "File", "basename": name, "location": location_of(ref), "checksum": ref.checksum, **fields}

    return make


def test_a_file_is_written_and_told_with_path_size_and_checksum(export, stored, out):
    shown = export(stored("hello", "a b#c.txt"))
    assert (out / "a b#c.txt").read_text() == "hello"
    assert shown == {
        "class": "File",
        "basename": "a b#c.txt",
        "location": (out / "a b#c.txt").as_uri(),
        "path": str(out / "a b#c.txt"),
        "size": 5,
        "checksum": "sha1$aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
    }


def test_names_that_are_taken_get_numbers_and_nothing_is_lost(export, stored, out):
    shown = export([stored(f"{number}", "a.txt") for number in range(3)])
    assert [one["basename"] for one in shown] == ["a.txt", "a.txt_2", "a.txt_3"]
    assert [(out / one["basename"]).read_text() for one in shown] == ["0", "1", "2"]


def test_a_number_that_is_somebodys_own_name_is_not_given_twice(export, stored, out):
    shown = export([stored("0", "a"), stored("1", "a_2"), stored("2", "a")])
    assert sorted(one["basename"] for one in shown) == ["a", "a_2", "a_3"]
    assert sorted(path.read_text() for path in out.iterdir()) == ["0", "1", "2"]


def test_one_file_that_is_named_twice_is_written_once(export, stored, out):
    one = stored("hello", "a.txt")
    first, second = export([one, dict(one)])
    assert first["path"] == second["path"]
    assert len(list(out.iterdir())) == 1


def test_secondary_files_lie_beside_their_primary(export, stored, out):
    shown = export(stored("r", "a.bam", secondaryFiles=[stored("i", "a.bam.bai")]))
    assert shown["secondaryFiles"][0]["path"] == str(out / "a.bam.bai")


def test_a_directory_is_made_with_all_that_is_in_it_also_if_that_is_nothing(export, stored, out):
    below = {"class": "Directory", "basename": "below", "listing": []}
    shown = export({"class": "Directory", "basename": "d", "listing": [stored("x", "x"), below]})
    assert (out / "d" / "x").read_text() == "x"
    assert (out / "d" / "below").is_dir()
    assert [one["basename"] for one in shown["listing"]] == ["x", "below"]


def test_an_input_directory_is_copied_as_it_lies(export, out, tmp_path):
    (tmp_path / "in" / "sub dir").mkdir(parents=True)
    (tmp_path / "in" / "sub dir" / "a").write_text("a")
    export({"class": "Directory", "basename": "in", "location": (tmp_path / "in").as_uri()})
    assert (out / "in" / "sub dir" / "a").read_text() == "a"


def test_a_literal_is_written(export, out):
    shown = export({"class": "File", "basename": "l.txt", "contents": "hello"})
    assert (out / "l.txt").read_text() == "hello"
    assert "contents" not in shown
    assert shown["size"] == 5


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "..", ".", "a/b"])
def test_a_name_that_leads_out_of_the_folder_is_refused_before_anything_is_written(export, stored, out, name):
    with pytest.raises(UsageError, match="would leave the output folder"):
        export([stored("first", "first.txt"), stored("bad", name)])
    assert list(out.iterdir()) == []


def test_what_is_no_file_is_told_as_it_is(export):
    assert export({"n": 1, "list": ["a", None], "record": {"x": 1.5}}) == {
        "n": 1,
        "list": ["a", None],
        "record": {"x": 1.5},
    }


def test_without_checksums_none_is_told(files, stored, out):
    assert "checksum" not in Exporter(files, out, checksums=False).export(stored("hello", "a.txt"))
