"""What the file storage has promised is there after power loss at any moment."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from toil_core.errors import NoSuchObject, ObjectExists
from toil_core.local.file_storage import FileStorage
from toil_core.testing.power_loss import PowerLossFileSystem, PowerLost

KEYS = ("a", "d/a", "d/b", "d/e/a")
PACKS = ("packs/1", "packs/2")


@dataclass
class Promises:
    """What a reader may find under each key; ``None`` is: no object."""

    allowed: dict[str, set[bytes | None]] = field(default_factory=lambda: {key: {None} for key in KEYS})
    seen: dict[str, bytes | None] = field(default_factory=lambda: dict.fromkeys(KEYS))
    appended: dict[str, bytes] = field(default_factory=lambda: dict.fromkeys(PACKS, b""))
    durable: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PACKS, 0))

    def put(self, storage: FileStorage, key: str, content: bytes, if_absent: bool) -> None:
        if if_absent and self.seen[key] is not None:
            try:
                storage.put(key, content, if_absent=True)
            except ObjectExists:
                self.allowed[key] = {self.seen[key]}
                return
            raise AssertionError("a conditional put replaced an object")
        self.allowed[key].add(content)
        storage.put(key, content, if_absent=if_absent)
        self.allowed[key], self.seen[key] = {content}, content

    def delete(self, storage: FileStorage, key: str) -> None:
        self.allowed[key].add(None)
        storage.delete([key])
        self.seen[key] = None

    def append(self, storage: FileStorage, key: str, content: bytes) -> None:
        begins = storage.append(key, content)
        assert begins == len(self.appended[key])
        self.appended[key] += content

    def sync(self, storage: FileStorage) -> None:
        written = {key: content for key, content in self.appended.items() if content}
        storage.sync(written)
        self.durable.update({key: len(content) for key, content in written.items()})

    def check(self, storage: FileStorage) -> None:
        for key, allowed in self.allowed.items():
            assert read(storage, key) in allowed
        for key, length in self.durable.items():
            found = read(storage, key) or b""
            assert found[:length] == self.appended[key][:length]
        for key in storage.list(""):
            assert key in KEYS or key in PACKS


def read(storage: FileStorage, key: str) -> bytes | None:
    try:
        with storage.get(key) as stream:
            return stream.read()
    except NoSuchObject:
        return None


STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(KEYS), st.binary(min_size=1, max_size=6), st.booleans()),
    st.tuples(st.just("delete"), st.sampled_from(KEYS)),
    st.tuples(st.just("append"), st.sampled_from(PACKS), st.binary(min_size=1, max_size=6)),
    st.tuples(st.just("sync")),
)


@settings(max_examples=200, deadline=None, database=None)
@given(steps=st.lists(STEPS, max_size=12), moment=st.integers(0, 120), seed=st.none() | st.integers(0, 10**6))
def test_nothing_promised_is_lost_and_nothing_half_is_seen(
    steps: list[tuple[object, ...]], moment: int, seed: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filesystem = PowerLossFileSystem(Path(folder))
        storage = FileStorage(f"{folder}/store", None, filesystem)
        storage.create()
        promises = Promises()
        filesystem.lose_power_after(moment)
        try:
            for action, *arguments in steps:
                getattr(promises, str(action))(storage, *arguments)
        except PowerLost:
            pass
        filesystem.crash(seed)
        storage = FileStorage(f"{folder}/store", None, filesystem)
        storage.open()
        promises.check(storage)
        storage.destroy()
        assert not (Path(folder) / "store").exists()


@settings(max_examples=100, deadline=None, database=None)
@given(moment=st.integers(0, 20), seed=st.none() | st.integers(0, 10**6))
def test_creation_cut_short_is_finished_or_destroyed(moment: int, seed: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filesystem = PowerLossFileSystem(Path(folder))
        filesystem.lose_power_after(moment)
        was_created = False
        try:
            FileStorage(f"{folder}/new/store", None, filesystem).create()
            was_created = True
        except PowerLost:
            pass
        filesystem.crash(seed)
        storage = FileStorage(f"{folder}/new/store", None, filesystem)
        if was_created:
            storage.open()
        storage.destroy()
        storage.create()
        storage.put("a", b"content")
        filesystem.crash(seed)
        assert read(FileStorage(f"{folder}/new/store", None, filesystem), "a") == b"content"


@settings(max_examples=100, deadline=None, database=None)
@given(moment=st.integers(0, 40), seed=st.none() | st.integers(0, 10**6))
def test_removal_cut_short_can_be_finished(moment: int, seed: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filesystem = PowerLossFileSystem(Path(folder))
        storage = FileStorage(f"{folder}/store", None, filesystem)
        storage.create()
        for key in KEYS:
            storage.put(key, b"content")
        filesystem.lose_power_after(moment)
        with contextlib.suppress(PowerLost):
            storage.destroy()
        filesystem.crash(seed)
        storage = FileStorage(f"{folder}/store", None, filesystem)
        storage.destroy()
        assert not (Path(folder) / "store").exists()
        storage.create()


def test_a_file_that_was_taken_survives_power_loss(tmp_path):
    filesystem = PowerLossFileSystem(tmp_path)
    storage = FileStorage(str(tmp_path / "store"), filesystem=filesystem)
    storage.create()
    filesystem.close(filesystem.create(str(tmp_path / "made"), 0o644))
    descriptor = filesystem.open_append(str(tmp_path / "made"), 0o644)
    filesystem.write(descriptor, b"content")
    filesystem.close(descriptor)
    assert storage.take("d/taken", str(tmp_path / "made"))
    filesystem.crash()
    assert read(storage, "d/taken") == b"content"
