"""Results are kept by what went into them, for any run, in any storage."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from toil_core.errors import StorageError, StoreDamaged, StoreFormatError, UsageError
from toil_core.files import reuse_store
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.reuse_store import SMALL_BYTES, Result, ReuseStore
from toil_core.files.urls import Urls
from toil_core.local.file_storage import FileStorage
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.ids import AttemptId
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

LARGE = os.urandom(SMALL_BYTES + 1)
KEY = "0123456789abcdef"


class Job:
    """As much of a running job as taking and keeping results needs."""

    def __init__(self, storage, folder, name):
        node = NodeFiles(
            storage,
            appends=isinstance(storage, FileStorage),
            cache_dir=folder / "cache",
            writer=name,
            urls=Urls(lambda url: FileUrlAccess()),
        )
        self.work_dir = folder / name
        self.work_dir.mkdir()
        self.files = JobFiles(node, AttemptId(name), self.work_dir)

    def read(self, ref):
        with self.files.open(ref) as stream:
            return stream.read()


def made(kind, path):
    return FileStorage(str(path)) if kind == "directory" else MemoryStorage(MemoryPlace())


@pytest.fixture(params=["directory", "memory"])
def storage(request, tmp_path):
    return made(request.param, tmp_path / "reuse")


@pytest.fixture
def store(storage):
    found = ReuseStore(storage, "the store")
    found.prepare()
    return found


@pytest.fixture(params=["directory", "memory"])
def jobs(request, tmp_path):
    """Makes jobs of one run, whose files are in a store of either kind."""
    run = made(request.param, tmp_path / "run")
    run.create()
    return lambda name: Job(run, tmp_path, name)


def test_a_result_comes_back_with_files_of_the_run_that_takes_it(store, jobs):
    one, two = jobs("1.1"), jobs("1.2")
    assert store.find(KEY, two) is None
    small = replace(one.files.write_bytes(b"small", name="a.sh"), executable=True)
    large = one.files.write_bytes(LARGE, name="b.bin")
    store.keep(KEY, Result("text", (small, large, small)), one)
    found = store.find(KEY, two)
    assert found.value == "text"
    assert [two.read(ref) for ref in found.files] == [b"small", LARGE, b"small"]
    assert [(ref.name, ref.executable) for ref in found.files] == [("a.sh", True), ("b.bin", False), ("a.sh", True)]
    assert len({(ref.key, ref.offset) for ref in (*found.files, small, large)}) == 5


def test_the_first_result_stays_and_equal_large_files_are_stored_once(store, storage, jobs):
    job = jobs("1.1")
    for key, text in ((KEY, "first"), (KEY, "second"), ("other", "third")):
        store.keep(key, Result(text, (job.files.write_bytes(LARGE),)), job)
    assert store.find(KEY, job).value == "first"
    assert len(list(storage.list("contents/"))) == 1


def test_an_entry_takes_a_limited_amount_of_small_files(store, storage, jobs, monkeypatch):
    monkeypatch.setattr(reuse_store, "ENTRY_BYTES", 3 * SMALL_BYTES)
    job = jobs("1.1")
    contents = [os.urandom(SMALL_BYTES) for _ in range(5)]
    store.keep(KEY, Result("text", tuple(job.files.write_bytes(one) for one in contents)), job)
    assert len(list(storage.list("contents/"))) == 2
    found = store.find(KEY, job)
    assert [job.read(ref) for ref in found.files] == contents


def test_a_file_of_the_run_the_kept_one_and_the_taken_one_are_independent(tmp_path):
    run, storage = made("directory", tmp_path / "run"), made("directory", tmp_path / "reuse")
    run.create()
    store = ReuseStore(storage, "the store")
    store.prepare()
    job = Job(run, tmp_path, "1.1")
    ref = job.files.write_bytes(LARGE)
    store.keep(KEY, Result("", (ref,)), job)
    changed = job.files.local_path(ref)
    changed.chmod(0o600)
    changed.write_bytes(b"changed by a tool that means to write to its input")
    taken = store.find(KEY, job).files[0]
    storage.destroy()
    assert job.read(taken) == LARGE
    assert list(job.work_dir.iterdir()) == [], "what was only on its way was left"


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole.replace(b"text", b"TEXT"),
        lambda whole: whole.replace(b"toil-result 1", b"toil-result 0"),
        lambda whole: b"\xff" + whole,
    ],
)
def test_an_entry_that_is_not_whole_is_told_and_can_be_replaced(store, storage, jobs, damage):
    job = jobs("1.1")
    result = Result("text", (job.files.write_bytes(b"small"),))
    store.keep(KEY, result, job)
    with storage.get(f"entries/{KEY}") as stream:
        whole = stream.read()
    storage.put(f"entries/{KEY}", damage(whole))
    with pytest.raises(StoreDamaged, match=KEY):
        store.find(KEY, job)
    store.keep(KEY, result, job, anew=True)
    assert store.find(KEY, job).value == "text"


def test_a_file_of_the_run_that_is_damaged_is_not_kept(store, jobs):
    job = jobs("1.1")
    ref = job.files.write_bytes(b"small", name="a.txt")
    with pytest.raises(StorageError, match=r'"a\.txt" of the run is not what was written'):
        store.keep(KEY, Result("text", (replace(ref, size=4),)), job)
    assert store.find(KEY, job) is None


def test_an_entry_of_a_newer_format_is_no_damage(store, storage, jobs):
    storage.put(f"entries/{KEY}", b"toil-result 7 compressed\n\x00\x01")
    with pytest.raises(StoreFormatError, match="has format 7"):
        store.find(KEY, jobs("1.1"))


@pytest.mark.parametrize("wrong", [LARGE[:-1], LARGE[:-1] + bytes([LARGE[-1] ^ 1]), None])
def test_a_content_that_is_wrong_or_gone_is_told_and_made_again(store, storage, jobs, wrong):
    job = jobs("1.1")
    result = Result("text", (job.files.write_bytes(LARGE, name="big.bam"),))
    store.keep(KEY, result, job)
    (content,) = storage.list("contents/")
    storage.delete([content])
    if wrong is not None:
        storage.put(content, wrong)
    with pytest.raises(StoreDamaged, match=r'"big\.bam" is gone'):
        store.find(KEY, job)
    assert list(storage.list("contents/")) == []
    store.keep(KEY, result, job, anew=True)
    assert job.read(store.find(KEY, job).files[0]) == LARGE


def test_a_store_is_made_once_and_a_job_store_is_refused(storage):
    ReuseStore(storage, "the store").prepare()
    ReuseStore(storage, "the store").prepare()
    storage.put("reuse", b"2\n")
    with pytest.raises(UsageError, match="another version"):
        ReuseStore(storage, "the store").prepare()
    storage.destroy()
    storage.create()
    storage.put("format", b"{}")
    with pytest.raises(UsageError, match="the store is a job store"):
        ReuseStore(storage, "the store").prepare()
