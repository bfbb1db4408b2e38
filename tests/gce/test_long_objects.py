"""Long objects are sent and fetched in parallel, in bounded memory, and are seen whole or not at all."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from gcs_servers import HURRIED
from toil_core.errors import NoSuchObject, ObjectExists, StorageError, StoreDamaged
from toil_core.testing import FaultProxy
from toil_core.testing.faults import Answer, Corrupt, CutUpload, Request, Reset, Truncate
from toil_core.testing.streams import PatternStream, digest, pattern
from toil_gce import parts, upload
from toil_gce.file_slice import rest_of
from toil_gce.options import GoogleOptions
from toil_gce.parts import put_in_parts
from toil_gce.storage import GoogleStorage

pytestmark = pytest.mark.network

FileOf: TypeAlias = Callable[[int], BinaryIO]
Make: TypeAlias = Callable[[], GoogleStorage]
MIB = 1024 * 1024
LENGTH = 9 * MIB + 12_345


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that an object need not be huge to have many parts."""
    monkeypatch.setattr(upload, "_LONG", 8 * MIB)
    monkeypatch.setattr(parts, "_SMALLEST_PART", 256 * 1024)
    monkeypatch.setattr(parts, "_MOST_PARTS", 32)


@pytest.fixture
def file_of(tmp_path: Path) -> Iterator[Callable[[int], BinaryIO]]:
    """Makes an open file of the pattern, so long."""
    with contextlib.ExitStack() as files:

        def make(length: int) -> BinaryIO:
            path = tmp_path / f"content-{uuid.uuid4().hex}"
            path.write_bytes(pattern(0, length))
            return files.enter_context(path.open("rb"))

        yield make


@pytest.fixture
def storage(client: Callable[[], GoogleStorage]) -> Iterator[GoogleStorage]:
    storage = client()
    storage.create()
    yield storage
    storage.destroy()


@pytest.fixture
def proxy(gcs: str) -> Iterator[FaultProxy]:
    with FaultProxy(gcs) as proxy:
        yield proxy


@pytest.fixture
def names(gcs: str, unused: str) -> Callable[[], list[str]]:
    """Tells all that is in the bucket."""
    library = Client("some-project", AnonymousCredentials())
    return lambda: [blob.name for blob in library.list_blobs(unused.rpartition(":")[2])]


def test_long_file_is_put_in_parts_of_which_none_is_left(
    storage: GoogleStorage, names: Callable[[], list[str]], file_of: FileOf
) -> None:
    storage.put("long", file_of(LENGTH), if_absent=True)
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, LENGTH)
    assert names() == ["long", "toil+store"]


def test_parts_are_under_the_condition_of_the_whole(
    storage: GoogleStorage, names: Callable[[], list[str]], file_of: FileOf
) -> None:
    storage.put("long", b"there already")
    with pytest.raises(ObjectExists):
        storage.put("long", file_of(LENGTH), if_absent=True)
    assert names() == ["long", "toil+store"]
    storage.put("long", file_of(LENGTH))
    assert storage.size("long") == LENGTH


def test_file_that_is_not_so_long_is_sent_as_one_chunk(
    client: Make, unused: str, proxy: FaultProxy, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_LONG", 64 * MIB)
    client().create()
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    remote.open()
    proxy.clear()
    remote.put("long", file_of(LENGTH), if_absent=True)
    assert len(proxy.requests) == 2
    proxy.inject(CutUpload(after_bytes=3 * MIB), times=2)
    remote.put("long", file_of(LENGTH))
    with client().get("long") as stream:
        assert stream.read() == pattern(0, LENGTH)
    assert proxy.strikes() == 2


@pytest.mark.parametrize("length", [8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB])
def test_stream_is_whole_whatever_its_last_chunk(storage: GoogleStorage, length: int) -> None:
    storage.put("long", PatternStream(length), if_absent=True)  # type: ignore[arg-type]
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, length)


def test_long_file_that_becomes_shorter_leaves_nothing(
    storage: GoogleStorage, names: Callable[[], list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(pattern(0, LENGTH))
    with path.open("r+b") as file:
        file_slice = rest_of(file, 1)
        assert file_slice is not None
        file.truncate(LENGTH // 2)
        with pytest.raises(EOFError):
            put_in_parts(storage._objects(), "long", file_slice, False, {})
    assert names() == ["toil+store"]


def test_file_is_sent_from_where_it_is(storage: GoogleStorage, file_of: FileOf) -> None:
    file = file_of(LENGTH)
    file.seek(1234)
    storage.put("long", file)
    with storage.get("long") as stream:
        assert stream.read() == pattern(1234, LENGTH - 1234)


def test_parts_get_over_faults_that_pass(
    storage: GoogleStorage, unused: str, proxy: FaultProxy, file_of: FileOf
) -> None:
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    remote.open()
    for fault in (Reset(), Reset(is_late=True), Answer(503, b"{}"), Answer(500, b"{}", is_late=True)):
        for kind in ("upload_id=", "uploadType=resumable", "/compose"):
            proxy.inject(fault, when=lambda request, kind=kind: kind in request.path)  # type: ignore[misc]
        remote.put("long", file_of(LENGTH), if_absent=True)
        assert proxy.strikes() == 3
        proxy.clear()
        with storage.get("long") as stream:
            assert digest(stream) == digest(PatternStream(LENGTH))  # type: ignore[arg-type]
        storage.delete(["long"])


def test_lost_answer_of_the_last_step_does_not_hide_another_writers_object(
    storage: GoogleStorage, unused: str, proxy: FaultProxy, file_of: FileOf
) -> None:
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    remote.open()

    def is_last_step(request: Request) -> bool:
        if "/long/compose" not in request.path:
            return False
        storage.put("long", b"another's")
        return True

    proxy.inject(Reset(), when=is_last_step)
    with pytest.raises(ObjectExists):
        remote.put("long", file_of(LENGTH), if_absent=True)
    with storage.get("long") as stream:
        assert stream.read() == b"another's"


def test_parts_that_are_refused_are_told_and_nothing_is_seen(
    storage: GoogleStorage, unused: str, proxy: FaultProxy, file_of: FileOf
) -> None:
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    remote.open()
    proxy.inject(Answer(403, b"{}"), times=None, when=lambda request: "upload_id=" in request.path)
    with pytest.raises(StorageError, match='write "long": access was denied'):
        remote.put("long", file_of(LENGTH))
    with pytest.raises(NoSuchObject):
        storage.size("long")
    assert list(storage.list("")) == []


def test_parts_are_encrypted_with_the_customer_key(
    unused: str, gcs: str, tmp_path: Path, proxy: FaultProxy, file_of: FileOf
) -> None:
    key = tmp_path / "key"
    key.write_bytes(base64.b64encode(os.urandom(32)))
    storage = GoogleStorage(unused, GoogleOptions(google_key_file=str(key)), proxy.endpoint, HURRIED)
    storage.create()
    proxy.clear()
    storage.put("long", file_of(LENGTH))
    bare = [request.path for request in proxy.requests if "x-goog-encryption-key" not in request.headers]
    assert [path for path in bare if "/compose" in path or "upload" in path] == []
    with storage.get("long") as stream:
        assert stream.read() == pattern(0, LENGTH)
    storage.destroy()


def test_long_object_is_fetched_in_pieces_of_one_generation(
    storage: GoogleStorage, unused: str, proxy: FaultProxy, file_of: FileOf
) -> None:
    storage.put("long", file_of(56 * MIB))
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    with remote.get("long") as stream:
        assert stream.read(3) == pattern(0, 3)
        proxy.inject(Truncate(at_least=MIB), times=3)
        assert stream.read(20 * MIB) == pattern(3, 20 * MIB)
        storage.put("long", b"another content")
        assert stream.read(9 * MIB) == pattern(20 * MIB + 3, 9 * MIB)
        # The testbench keeps what was replaced; the service does not.
        proxy.inject(Answer(404, b'{"error": {"message": "No such object"}}'), None, lambda r: "generation" in r.path)
        with pytest.raises(StorageError, match="replaced") as caught:
            stream.read()
        assert not isinstance(caught.value, NoSuchObject)
    ranges = [request.headers["range"] for request in proxy.requests if "range" in request.headers]
    assert len(set(ranges)) >= 8


def test_long_object_that_was_damaged_on_its_way_is_not_taken_for_good(
    storage: GoogleStorage, unused: str, proxy: FaultProxy, file_of: FileOf
) -> None:
    storage.put("long", file_of(20 * MIB))
    remote = GoogleStorage(unused, None, proxy.endpoint, HURRIED)
    remote.open()
    proxy.inject(Corrupt(at_least=MIB), when=lambda request: not request.headers["range"].startswith("bytes=0-"))
    with remote.get("long") as stream, pytest.raises(StoreDamaged, match="long"):
        stream.read()


@pytest.mark.parametrize(("start", "length"), [(0, 10 * MIB), (7 * MIB + 5, None), (5, 20 * MIB), (19 * MIB, 99 * MIB)])
def test_range_of_several_pieces_is_read(
    storage: GoogleStorage, start: int, length: int | None, file_of: FileOf
) -> None:
    storage.put("long", file_of(20 * MIB))
    with storage.get("long", start, length) as stream:
        found = stream.read()
    assert hashlib.md5(found).digest() == hashlib.md5(pattern(0, 20 * MIB)[start:][:length]).digest()


def test_parts_pass_in_bounded_memory(storage: GoogleStorage, monkeypatch: pytest.MonkeyPatch, file_of: FileOf) -> None:
    monkeypatch.setattr(parts, "_SMALLEST_PART", 32 * MIB)
    file = file_of(128 * MIB)
    tracemalloc.start()
    try:
        storage.put("long", file)
        with storage.get("long") as stream:
            assert digest(stream) == digest(PatternStream(128 * MIB))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MIB
