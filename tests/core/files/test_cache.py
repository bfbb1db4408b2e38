"""A node fetches a file once, whoever dies meanwhile, and removes none that is in use."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from toil_core.errors import StorageError
from toil_core.files.cache import NodeCache

FORK = multiprocessing.get_context("fork")
CONTENT = b"ACGT" * 1000


@pytest.fixture
def cache(tmp_path):
    return NodeCache(tmp_path / "cache")


def fetch(path: Path) -> None:
    path.write_bytes(CONTENT)


def never(path: Path) -> None:
    raise AssertionError("the file was there")


def entries(cache):
    return sorted(entry.name for entry in cache._entries())


def test_a_file_is_handed_out_under_a_second_name_of_one_copy(cache, tmp_path):
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "a")
    cache.hand_out("files/1", len(CONTENT), never, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert (tmp_path / "a").samefile(tmp_path / "b")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o444


def test_eight_processes_that_want_one_file_fetch_it_once(cache, tmp_path):
    barrier = FORK.Barrier(8)
    fetched = tmp_path / "fetched"

    def fetch_slowly(path: Path) -> None:
        with fetched.open("a") as log:
            log.write("once\n")
        path.write_bytes(CONTENT)

    def want(number: int) -> None:
        barrier.wait(30)
        cache.hand_out("files/1", len(CONTENT), fetch_slowly, tmp_path / f"of-{number}")

    processes = [FORK.Process(target=want, args=(number,)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 8
    assert fetched.read_text() == "once\n"
    assert all((tmp_path / f"of-{number}").read_bytes() == CONTENT for number in range(8))


def test_when_the_one_who_fetches_is_killed_the_next_one_fetches(cache, tmp_path):
    begun, begin = os.pipe()

    def hang(path: Path) -> None:
        path.write_bytes(CONTENT[:10])
        os.write(begin, b"x")
        signal.pause()

    victim = FORK.Process(target=cache.hand_out, args=("files/1", len(CONTENT), hang, tmp_path / "never"))
    victim.start()
    os.read(begun, 1)
    waiting = FORK.Process(target=cache.hand_out, args=("files/1", len(CONTENT), fetch, tmp_path / "a"))
    waiting.start()
    victim.kill()
    waiting.join(30)
    victim.join(30)
    assert waiting.exitcode == 0
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert not (tmp_path / "never").exists()


def test_a_file_that_came_too_short_is_not_handed_out_and_is_fetched_anew(cache, tmp_path):
    with pytest.raises(StorageError, match="10 bytes where 4000 were expected"):
        cache.hand_out("files/1", len(CONTENT), lambda path: path.write_bytes(CONTENT[:10]), tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert entries(cache) == []
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_what_the_fetch_raises_is_raised_and_nothing_is_left(cache, tmp_path):
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise StorageError("the store is away")

    with pytest.raises(StorageError, match="the store is away"):
        cache.hand_out("files/1", None, fail, tmp_path / "a")
    assert [one.name for one in (tmp_path / "cache").iterdir() if not one.name.startswith("lock-")] == []


def test_making_room_removes_the_longest_unused_first_and_nothing_in_use(cache, tmp_path):
    for number in range(4):
        target = tmp_path / f"{number}"
        cache.hand_out(f"files/{number}", len(CONTENT), fetch, target)
        os.utime(cache._path(f"files/{number}"), (number, number))
    for number in (0, 2, 3):
        (tmp_path / f"{number}").unlink()
    assert cache.make_room(len(CONTENT)) == len(CONTENT)
    assert entries(cache) == sorted(cache._path(f"files/{number}").name for number in (1, 2, 3))
    assert cache.make_room(10**9) == 2 * len(CONTENT)
    assert entries(cache) == [cache._path("files/1").name]
    assert (tmp_path / "1").read_bytes() == CONTENT


def test_above_its_limit_a_cache_gives_up_what_is_unused(tmp_path):
    cache = NodeCache(tmp_path / "cache", limit=2 * len(CONTENT))
    for number in range(4):
        target = tmp_path / f"{number}"
        cache.hand_out(f"files/{number}", len(CONTENT), fetch, target)
        target.unlink()
    assert len(entries(cache)) == 2


def test_a_full_disk_makes_room_and_tries_once_more(cache, tmp_path):
    cache.hand_out("files/old", len(CONTENT), fetch, tmp_path / "old")
    (tmp_path / "old").unlink()
    tries = []

    def fetch_on_a_full_disk(path: Path) -> None:
        tries.append(path)
        path.write_bytes(CONTENT)
        if len(tries) == 1:
            raise OSError(28, "No space left on device")

    cache.hand_out("files/new", len(CONTENT), fetch_on_a_full_disk, tmp_path / "new")
    assert len(tries) == 2
    assert entries(cache) == [cache._path("files/new").name]


def test_files_handed_out_while_others_evict_are_whole(cache, tmp_path):
    def evict() -> None:
        for _ in range(300):
            cache.make_room(10**9)

    evictor = FORK.Process(target=evict)
    evictor.start()
    for number in range(300):
        target = tmp_path / f"{number}"
        cache.hand_out("files/1", len(CONTENT), fetch, target)
        assert target.read_bytes() == CONTENT
        target.unlink()
    evictor.join(30)
    assert evictor.exitcode == 0


def test_a_file_longer_than_the_limit_is_handed_out_all_the_same(tmp_path):
    cache = NodeCache(tmp_path / "cache", limit=len(CONTENT) - 1)
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    (tmp_path / "a").unlink()
    cache.hand_out("files/2", len(CONTENT), fetch, tmp_path / "b")
    assert len(entries(cache)) == 1


def test_a_target_in_a_folder_that_is_not_there_is_an_error(cache, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "nowhere" / "a")
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_an_entry_that_was_cut_short_is_fetched_anew(cache, tmp_path):
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "a")
    entry = tmp_path / "cache" / entries(cache)[0]
    entry.chmod(0o600)
    os.truncate(entry, 5)
    cache.hand_out("files/1", len(CONTENT), fetch, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == entry.read_bytes() == CONTENT


def test_a_disk_that_is_full_of_what_is_not_the_caches_is_told_so(cache, tmp_path):
    def fill(path: Path) -> None:
        path.write_bytes(b"some")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="is full"):
        cache.hand_out("files/1", len(CONTENT), fill, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert not [entry for entry in (tmp_path / "cache").iterdir() if entry.suffix == ".part"]
