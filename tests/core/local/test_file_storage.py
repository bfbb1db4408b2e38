"""The file storage keeps the storage contract, on a real file system."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchStore, ObjectExists, StorageError, StoreExists, StoreFull, UsageError
from toil_core.local.file_storage import FileStorage
from toil_core.system.filesystem import FileSystem
from toil_core.system.writer_tag import writer_tag
from toil_core.testing.storage import StorageContract
from toil_core.testing.streams import BreakingStream, StreamBroke


class TestFileStorage(StorageContract):
    appends = True

    @pytest.fixture
    def client(self, tmp_path: Path) -> Callable[[], Storage]:
        return functools.partial(FileStorage, str(tmp_path / "new" / "store"))

    def leave_creation_unfinished(self, client: Callable[[], Storage]) -> None:
        assert isinstance(client, functools.partial)
        root = Path(client.args[0])
        (root / "+tmp").mkdir(parents=True)
        (root / "+tmp" / "half").write_bytes(b"")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def storage(root: Path) -> FileStorage:
    storage = FileStorage(str(root))
    storage.create()
    return storage


def test_object_is_a_plain_file_named_by_its_key(storage: FileStorage, root: Path) -> None:
    storage.put("journal/000000000001", b"content")
    assert (root / "journal" / "000000000001").read_bytes() == b"content"


def test_store_is_its_owners_only(storage: FileStorage, root: Path) -> None:
    storage.put("d/a", b"content")
    storage.append("packs/w", b"content")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")] if path.is_dir()}
    assert modes == {0o700}
    assert stat.S_IMODE((root / "packs/w").stat().st_mode) == 0o600
    others = {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*") if path.is_file()} - {0o600}
    assert others == {0o400}  # what is put never changes


def test_relative_locator_means_the_directory_of_that_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage = FileStorage("here")
    monkeypatch.chdir("/")
    storage.create()
    assert (tmp_path / "here" / "+store").is_file()


def test_locator_may_have_the_slashes_of_a_url(tmp_path: Path) -> None:
    FileStorage(f"//{tmp_path}/store").create()
    assert (tmp_path / "store" / "+store").is_file()


def test_locator_without_a_path_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="names no directory"):
        FileStorage("")


def test_public_url_is_percent_encoded_and_readable(tmp_path: Path) -> None:
    storage = FileStorage(str(tmp_path / "a b%é"))
    storage.create()
    storage.put("d/a", b"content")
    url = storage.public_url("d/a")
    assert url is not None
    assert url.endswith("/a%20b%25%C3%A9/d/a")
    assert Path(unquote(urlsplit(url).path)).read_bytes() == b"content"


def test_empty_directory_may_become_a_store(root: Path) -> None:
    root.mkdir()
    storage = FileStorage(str(root))
    storage.create()
    storage.open()


def test_directory_with_other_things_is_neither_made_a_store_nor_removed(root: Path) -> None:
    root.mkdir()
    (root / "thesis.tex").write_text("years of work")
    with pytest.raises(StoreExists, match="something else") as caught:
        FileStorage(str(root)).create()
    assert caught.value.cure
    with pytest.raises(StorageError, match=r"thesis\.tex; nothing was removed"):
        FileStorage(str(root)).destroy()
    assert [path.name for path in root.iterdir()] == ["thesis.tex"]


def test_file_and_symbolic_link_are_not_stores(storage: FileStorage, root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(root)
    for name in ("file", "link"):
        with pytest.raises(StorageError, match="nothing was changed"):
            FileStorage(str(tmp_path / name)).destroy()
        with pytest.raises(StorageError):
            FileStorage(str(tmp_path / name)).create()
    storage.open()


def test_removal_follows_no_symbolic_link(storage: FileStorage, root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("")
    storage.put("d/a", b"")
    (root / "d" / "link").symlink_to(tmp_path / "mine")
    (root / "file").symlink_to(tmp_path / "mine" / "precious")
    assert list(storage.list("")) == ["d/a"]
    storage.destroy()
    assert not root.exists()
    assert (tmp_path / "mine" / "precious").exists()


def test_removal_that_was_interrupted_can_be_finished(storage: FileStorage, root: Path) -> None:
    storage.put("d/a", b"")
    (root / "+store").rename(root / "+destroyed")
    with pytest.raises(NoSuchStore, match="being removed"):
        storage.open()
    with pytest.raises(StoreExists, match="removal"):
        storage.create()
    storage.destroy()
    assert not root.exists()


def test_writing_to_a_store_that_is_gone_makes_none(storage: FileStorage, root: Path) -> None:
    storage.append("packs/w", b"content")
    storage.destroy()
    for act in (
        lambda: storage.put("a", b""),
        lambda: storage.append("packs/v", b""),
        lambda: storage.size("a"),
        lambda: list(storage.list("")),
        lambda: storage.sync(["packs/w"]),
    ):
        with pytest.raises(NoSuchStore):
            act()
    assert not root.exists()


def test_key_within_another_objects_key_is_refused_clearly(storage: FileStorage) -> None:
    storage.put("a/b", b"content")
    for if_absent in (False, True):
        for key in ("a", "a/b/c"):
            with pytest.raises(StorageError, match="cannot hold") as caught:
                storage.put(key, b"", if_absent=if_absent)
            assert not isinstance(caught.value, ObjectExists)
    with pytest.raises(StorageError, match="cannot hold"):
        storage.append("a", b"")
    assert list(storage.list("")) == ["a/b"]


def test_nothing_of_a_failed_put_stays_on_disk(storage: FileStorage, root: Path) -> None:
    with pytest.raises(StreamBroke):
        storage.put("a", BreakingStream(2_000_000))  # type: ignore[arg-type]
    storage.put("b", b"")
    with pytest.raises(ObjectExists):
        storage.put("b", b"", if_absent=True)
    assert list((root / "+tmp").iterdir()) == []


def test_opening_clears_what_a_killed_writer_left_and_nothing_else(storage: FileStorage, root: Path) -> None:
    killed = f"""
import io, os, signal
from toil_core.local.file_storage import FileStorage

class Deadly(io.BytesIO):
    def read(self, size=-1):
        os.kill(os.getpid(), signal.SIGKILL)

FileStorage({str(root)!r}).put("a", Deadly())
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert len(list((root / "+tmp").iterdir())) == 1
    others = [root / "+tmp" / "another-machine.1.0", root / "+tmp" / f"{writer_tag()}.999"]
    for path in others:
        path.write_bytes(b"")
    storage.open()
    assert set((root / "+tmp").iterdir()) == set(others)
    assert list(storage.list("")) == []


def test_parent_and_forked_child_append_to_their_own_objects(storage: FileStorage) -> None:
    assert storage.append("packs/parent", b"one") == 0
    child = os.fork()
    if child == 0:
        try:
            right = [storage.append("packs/child", b"abc"), storage.append("packs/child", b"de")] == [0, 3]
            # Not what callers do, and still right: the offset is never that of the parent's descriptor.
            right = right and storage.append("packs/parent", b"two") == 3
            storage.put("child", b"content")
        finally:
            os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert storage.append("packs/parent", b"three") == 6
    storage.sync(["packs/parent", "packs/child"])
    with storage.get("packs/child") as stream:
        assert stream.read() == b"abcde"
    with storage.get("packs/parent") as stream:
        assert stream.read() == b"onetwothree"


def test_many_append_files_need_few_descriptors(storage: FileStorage) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for round_number in range(2):
        for number in range(100):
            assert storage.append(f"packs/{number}", b"abc") == 3 * round_number
    assert len(os.listdir("/proc/self/fd")) - before <= 32


class FailingFileSystem(FileSystem):
    """Raises one error number from chosen operations."""

    def __init__(self, number: int, *operations: str) -> None:
        for operation in operations:
            setattr(self, operation, functools.partial(self._fail, number))

    def _fail(self, number: int, *arguments: object) -> None:
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("operation", ["create", "write", "fsync", "link", "rename", "sync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_a_full_store_and_leaves_nothing(
    storage: FileStorage, root: Path, operation: str, number: int
) -> None:
    full = FileStorage(str(root), None, FailingFileSystem(number, operation))
    with pytest.raises(StoreFull, match=r'full: .* to put "a"') as caught:
        full.put("a", b"content", if_absent=operation == "link")
    assert f"file:{root}" in str(caught.value)
    assert caught.value.cure
    assert list((root / "+tmp").iterdir()) == []
    if operation != "sync":
        storage.put("a", b"content", if_absent=True)


def test_full_disk_while_appending_harms_no_earlier_bytes(storage: FileStorage, root: Path) -> None:
    storage.append("packs/w", b"one")
    full = FileStorage(str(root), None, FailingFileSystem(errno.ENOSPC, "write"))
    with pytest.raises(StoreFull, match='append to "packs/w"'):
        full.append("packs/w", b"two")
    assert storage.append("packs/w", b"two") == 3


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EIO, errno.ESTALE])
def test_error_of_the_system_names_store_operation_and_cure(storage: FileStorage, root: Path, number: int) -> None:
    storage.put("a", b"content")
    broken = FileStorage(
        str(root), None, FailingFileSystem(number, "create", "open_append", "open_read", "unlink", "sync")
    )
    for act, words in (
        (lambda: broken.put("b", b""), 'put "b"'),
        (lambda: broken.append("b", b""), 'append to "b"'),
        (lambda: broken.get("a"), 'read "a"'),
        (lambda: broken.delete(["a"]), 'delete "a"'),
        (lambda: broken.sync(["a"]), 'sync "a"'),
    ):
        with pytest.raises(StorageError) as caught:
            act()
        assert f"file:{root} could not {words}: " in caught.value.message
        assert caught.value.cure
        assert isinstance(caught.value.__cause__, OSError)


def test_file_system_without_hard_links_is_said_to_be_unfit(root: Path) -> None:
    storage = FileStorage(str(root), None, FailingFileSystem(errno.EPERM, "link"))
    with pytest.raises(StorageError, match="hard links") as caught:
        storage.create()
    assert caught.value.cure


def test_open_object_stays_readable_when_it_is_deleted(storage: FileStorage) -> None:
    storage.put("a", b"content")
    with storage.get("a") as stream:
        storage.delete(["a"])
        assert stream.read() == b"content"


def test_stray_writers_do_not_keep_a_store_from_being_removed(storage: FileStorage, root: Path) -> None:
    stop = threading.Event()

    def write(number: int) -> None:
        while not stop.is_set():
            try:
                storage.put(f"d{number}/{os.urandom(4).hex()}", b"")
            except NoSuchStore:
                return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    try:
        FileStorage(str(root)).destroy()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert not root.exists()


class RemovingFileSystem(FileSystem):
    """Has somebody remove the store just before, or just after, an operation is first called."""

    def __init__(self, root: Path, operation: str, when: str) -> None:
        self._root = root
        self._when = when
        self._act = getattr(super(), operation)
        self.done = False
        setattr(self, operation, self._meddle)

    def _meddle(self, *arguments: Any) -> Any:
        if self._when == "before":
            self._remove()
        result = self._act(*arguments)
        if self._when == "after":
            self._remove()
        return result

    def _remove(self) -> None:
        if not self.done:
            self.done = True
            FileStorage(str(self._root)).destroy()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("operation", "act"),
    [
        *(
            (operation, lambda storage: storage.put("folder/key", b"content"))
            for operation in ("create", "write", "fsync", "close", "rename", "make_directory", "sync")
        ),
        ("link", lambda storage: storage.put("folder/key", b"content", if_absent=True)),
        ("sync", lambda storage: storage.put("folder/key", b"content", if_absent=True)),
        ("make_directory", lambda storage: storage.append("folder/key", b"content")),
        ("sync", lambda storage: (storage.append("folder/key", b"content"), storage.sync(["folder/key"]))),
    ],
)
def test_store_removed_at_any_moment_of_an_operation_is_told_as_gone(
    storage: FileStorage, root: Path, operation: str, act: Callable[[FileStorage], object], when: str
) -> None:
    meddling = RemovingFileSystem(root, operation, when)
    with contextlib.suppress(NoSuchStore):
        act(FileStorage(str(root), None, meddling))
    assert meddling.done
    assert not root.exists()
