"""What jobs write is read back by others, wherever the store keeps it."""

from __future__ import annotations

import os

import pytest

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchObject, NoSuchUrl, UrlError
from toil_core.files.job_files import SMALL_BYTES, JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls, as_url, name_in
from toil_core.local.file_storage import FileStorage
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.ids import AttemptId
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

SMALL = b"small"
LARGE = os.urandom(SMALL_BYTES + 1)


@pytest.fixture(params=["directory", "memory"])
def storage(request, tmp_path):
    """A store on this node that appends, and one elsewhere that does not."""
    found = FileStorage(str(tmp_path / "store")) if request.param == "directory" else MemoryStorage(MemoryPlace())
    found.create()
    return found


@pytest.fixture
def node(storage, tmp_path):
    appends = isinstance(storage, FileStorage)
    urls = Urls(lambda url: FileUrlAccess())
    return NodeFiles(storage, appends=appends, cache_dir=tmp_path / "cache", writer="w", urls=urls)


@pytest.fixture
def files(node, tmp_path):
    found = JobFiles(node, AttemptId("1.1"), tmp_path / "work")
    yield found
    found.finish()


@pytest.fixture
def others(node, tmp_path):
    return JobFiles(node, AttemptId("1.2"), tmp_path / "other")


def content(files, ref):
    with files.open(ref) as stream:
        return stream.read()


@pytest.mark.parametrize("written", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_what_is_written_is_read_at_once_and_by_others_when_the_attempt_has_finished(files, others, tmp_path, written):
    ref = files.write_bytes(written, name="reads.fq")
    assert content(files, ref) == written
    files.finish()
    assert (ref.size, ref.name) == (len(written), "reads.fq")
    assert content(others, ref) == written
    others.read(ref, tmp_path / "linked")
    others.read(ref, tmp_path / "own", mutable=True)
    assert (tmp_path / "linked").read_bytes() == (tmp_path / "own").read_bytes() == written
    assert others.local_path(ref).read_bytes() == written
    assert files.written == [ref]


def test_many_small_files_share_an_object(files, storage):
    refs = [files.write_bytes(f"{number}".encode()) for number in range(100)]
    files.finish()
    assert len({ref.key for ref in refs}) == 1
    assert len(list(storage.list(""))) == 1
    assert [content(files, ref) for ref in refs[::33]] == [b"0", b"33", b"66", b"99"]


def test_a_pack_that_outgrows_memory_is_whole(files, others):
    block = os.urandom(SMALL_BYTES)
    refs = [files.write_bytes(block) for _ in range(200)]
    assert content(files, refs[150]) == block
    files.finish()
    assert all(content(others, ref) == block for ref in refs[::50])


def test_what_is_written_after_finishing_is_not_lost_and_replaces_nothing(files, others):
    first = files.write_bytes(b"first")
    files.finish()
    second = files.write_bytes(b"other")
    files.finish()
    assert (content(others, first), content(others, second)) == (b"first", b"other")


@pytest.mark.parametrize("written", [SMALL, LARGE], ids=["small", "large"])
def test_a_moved_file_is_in_the_store_and_gone_from_its_place(files, others, tmp_path, written):
    path = tmp_path / "made.bam"
    path.write_bytes(written)
    path.chmod(0o755)
    ref = files.write(path, move=True)
    files.finish()
    assert not path.exists()
    assert content(others, ref) == written
    assert ref.executable


def test_a_moved_file_with_a_second_name_is_copied_since_it_could_still_be_changed(files, others, tmp_path):
    (tmp_path / "made").write_bytes(LARGE)
    os.link(tmp_path / "made", tmp_path / "second")
    ref = files.write(tmp_path / "made", move=True)
    (tmp_path / "second").write_bytes(b"changed")
    assert content(others, ref) == LARGE


def test_the_checksum_of_a_moved_file_is_that_of_a_written_one(files, tmp_path):
    (tmp_path / "made").write_bytes(LARGE)
    assert files.write(tmp_path / "made", move=True).checksum == files.write_bytes(LARGE).checksum


def test_an_own_copy_may_be_changed_and_keeps_its_mode(files, others, tmp_path):
    (tmp_path / "tool.sh").write_bytes(LARGE)
    (tmp_path / "tool.sh").chmod(0o755)
    ref = files.write(tmp_path / "tool.sh")
    others.read(ref, tmp_path / "own", mutable=True)
    assert os.access(tmp_path / "own", os.X_OK)
    (tmp_path / "own").write_bytes(b"changed")
    assert content(others, ref) == LARGE


def test_a_large_file_for_a_reader_is_executable_if_it_was(files, others, tmp_path):
    (tmp_path / "tool.sh").write_bytes(LARGE)
    (tmp_path / "tool.sh").chmod(0o755)
    ref = files.write(tmp_path / "tool.sh")
    path = others.local_path(ref)
    assert path.read_bytes() == LARGE
    if "work" in str(path) or "other" in str(path):  # of a store on this node it is the object itself
        assert os.access(path, os.X_OK)


def test_a_local_file_is_imported_by_reference_unless_a_copy_is_wanted(files, tmp_path):
    (tmp_path / "in put.txt").write_bytes(LARGE)
    ref = files.import_url(str(tmp_path / "in put.txt"))
    assert ref.is_by_reference
    assert (ref.size, ref.name) == (len(LARGE), "in put.txt")
    copy = files.import_url(str(tmp_path / "in put.txt"), by_reference=False)
    (tmp_path / "in put.txt").write_bytes(b"changed")
    assert content(files, ref) == b"changed"
    assert content(files, copy) == LARGE


def test_a_local_file_is_copied_where_not_every_machine_of_the_run_sees_it(node, files, tmp_path):
    node.shares_files = False
    (tmp_path / "reads.fq").write_bytes(LARGE)
    ref = files.import_url(str(tmp_path / "reads.fq"))
    (tmp_path / "reads.fq").unlink()
    assert not ref.is_by_reference
    assert content(files, ref) == LARGE


def test_an_exported_file_replaces_what_was_there_and_is_nobody_elses(files, tmp_path):
    (tmp_path / "out").write_text("old")
    ref = files.write_bytes(LARGE)
    files.export(ref, str(tmp_path / "out"), move=True)
    assert (tmp_path / "out").read_bytes() == LARGE
    (tmp_path / "out").write_bytes(b"edited")
    assert content(files, ref) == LARGE


def test_a_store_that_is_given_up_gives_its_copy(files, storage, tmp_path):
    files.gives_up = True
    ref = files.write_bytes(LARGE)
    files.export(ref, str(tmp_path / "out" / "file"), move=True)
    assert (tmp_path / "out" / "file").read_bytes() == LARGE
    links = (tmp_path / "out" / "file").stat().st_nlink
    assert links == (2 if isinstance(storage, FileStorage) else 1)
    storage.destroy()
    assert (tmp_path / "out" / "file").read_bytes() == LARGE


def test_a_file_exported_to_two_places_is_two_files(files, tmp_path):
    files.gives_up = True
    ref = files.write_bytes(LARGE)
    files.export(ref, str(tmp_path / "one"), move=True)
    files.export(ref, str(tmp_path / "two"), move=True)
    (tmp_path / "one").write_bytes(b"edited")
    assert (tmp_path / "two").read_bytes() == LARGE


def test_a_file_exported_again_by_a_restarted_leader_leaves_no_other_file(files, others, tmp_path):
    files.gives_up = others.gives_up = True
    ref = files.write_bytes(LARGE)
    for leader in (files, others):
        leader.export(ref, str(tmp_path / "out" / "file"), move=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file"]
    assert (tmp_path / "out" / "file").read_bytes() == LARGE


def test_an_export_that_cannot_be_written_is_one_clear_line_and_leaves_nothing(files, tmp_path):
    (tmp_path / "file").write_text("")
    ref = files.write_bytes(SMALL)
    with pytest.raises(UrlError, match="file"):
        files.export(ref, str(tmp_path / "file" / "below"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(UrlError, match=r"Cannot write .*folder: is a directory"):
        files.export(ref, str(tmp_path / "folder"))
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".toil")]


class Folder(UrlAccess):
    """Whatever URL is asked for is a folder with these names."""

    def __init__(self, *names):
        self.names = names

    def facts(self, url):
        return UrlFacts(None, is_directory=True)

    def read(self, url, start=0):
        raise NotImplementedError

    def list(self, url):
        return self.names


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("a", "/"), '"", which'),
        (("a", "../"), r'"\.\.", which'),
        (("..",), r'"\.\.", which'),
        (("./", "b"), r'"\.", which'),
        (("a/b",), '"a/b", which'),
        (("a\0",), '"a.", which'),
        (("ä" * 128,), "ä, which".replace(",", '",')),
        (("b", "a/", "a"), 'a file and a folder "a"'),
    ],
)
def test_names_that_no_folder_of_a_machine_can_have_are_told(storage, tmp_path, names, told):
    urls = Urls(lambda url: Folder(*names))
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    files = JobFiles(node, AttemptId("1.1"), tmp_path / "work")
    with pytest.raises(UrlError, match=told) as caught:
        files.list_url("https://me:secret@host/folder?sig=secret")
    assert "https://host/folder" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_folder_that_is_imported_as_a_file_is_told_without_what_is_secret(storage, tmp_path):
    urls = Urls(lambda url: Folder("a"))
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    files = JobFiles(node, AttemptId("1.1"), tmp_path / "work")
    with pytest.raises(UrlError, match="https://host/folder is a folder") as caught:
        files.import_url("https://host/folder?sig=secret")
    assert "secret" not in str(caught.value)


def test_urls_are_listed_and_looked_for(files, tmp_path):
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "a").touch()
    assert files.list_url(str(tmp_path / "d")) == ["a", "sub/"]
    assert files.url_exists(str(tmp_path / "d" / "a"))
    assert not files.url_exists(str(tmp_path / "d" / "b"))
    with pytest.raises(NoSuchUrl):
        files.import_url(str(tmp_path / "d" / "b"))


def test_a_path_is_the_url_of_a_file():
    assert as_url("/a b/c#d") == "file:///a%20b/c%23d"
    assert as_url("s3://bucket/key") == "s3://bucket/key"


def test_a_file_url_may_be_relative_and_its_scheme_in_any_case(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = tmp_path.as_uri()
    assert as_url("file:a b") == as_url("File:a%20b") == as_url("a b") == f"{here}/a%20b"
    assert as_url("file:/a/b") == as_url("FILE:///a/b") == "file:///a/b"
    assert as_url("HTTPS://Host/Path") == "https://Host/Path"
    assert as_url("made:10.txt") == f"{here}/made%3A10.txt"
    assert as_url("d/http://x") == f"{here}/d/http%3A/x"


def test_the_name_of_a_file_behind_a_url_is_safe_and_has_no_signature():
    assert name_in("https://h/d/reads%201.fq?X-Signature=secret#part") == "reads 1.fq"
    assert name_in("https://h/d/") == "d"
    assert name_in("https://h/d/a%2F..%2F..%2Fb") == "b"
    assert [name_in(url) for url in ("https://h", "https://h/a/%2E%2E", "https://h/a%00b")] == ["", "", ""]


@pytest.mark.parametrize(
    ("called", "has"),
    [
        ("d/a.txt", "a.txt"),
        ("/a.txt", "a.txt"),
        ("../a.txt", "a.txt"),
        ("..", "file"),
        ("a\0b", "file"),
        ("é" * 128, "file"),
    ],
)
def test_whatever_a_file_is_called_its_path_lies_with_the_job(files, others, tmp_path, called, has):
    ref = files.write_bytes(SMALL, name=called)
    files.finish()
    path = others.local_path(ref)
    assert (path.name, path.read_bytes()) == (has, SMALL)
    assert tmp_path in path.resolve().parents


@pytest.mark.parametrize("written", [SMALL, LARGE], ids=["small", "large"])
def test_who_deletes_a_file_can_read_it_no_more_and_others_still_can(files, others, tmp_path, written):
    ref, kept = files.write_bytes(written, name="reads.fq"), files.write_bytes(written)
    files.finish()
    files.delete(ref)
    for read in (files.open, files.local_path, lambda ref: files.read(ref, tmp_path / "new")):
        with pytest.raises(NoSuchObject, match=r'has deleted the file "reads\.fq"'):
            read(ref)
    assert content(files, kept) == content(others, ref) == written


def test_of_a_file_that_is_imported_twice_one_can_be_deleted(files, tmp_path):
    (tmp_path / "in.txt").write_text("hello")
    first, second = (files.import_url(str(tmp_path / "in.txt")) for _ in range(2))
    files.delete(first)
    assert content(files, second) == b"hello"
