"""The contract kit of job stores. A backend's test inherits ``StorageContract``."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import tarfile
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar

import pytest

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchStore, ObjectExists, StorageError, StoreExists
from toil_core.testing.histories import History
from toil_core.testing.meter import measure
from toil_core.testing.races import creators_that_won, processes_that_won, race_threads, threads_that_won
from toil_core.testing.streams import (
    BreakingStream,
    DrippingStream,
    PatternStream,
    SparseStream,
    StreamBroke,
    digest,
    is_same,
    pattern,
    sparse,
)

Client = Callable[[], Storage]

_RACERS = 8
_RACES = 12
_LONG = 9 * 1024 * 1024 + 7
"""Longer than what most services take in one request."""
_HUGE = "TOIL_CONTRACT_HUGE_BYTES"
_LEGAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"


class StorageContract:
    """What every job store promises, as tests to inherit::

        class TestMyStorage(StorageContract):
            @pytest.fixture
            def client(self) -> Callable[[], Storage]:
                return functools.partial(MyStorage, "a place nobody has used", MyOptions())

    ``client`` makes a new, unconnected client of one place where no store is yet; each test gets a
    place of its own. It is pickled for races of processes: a partial of an importable class will do.
    Override ``leave_creation_unfinished`` too, and the numbers below where a service is slow.
    """

    appends: ClassVar[bool] = False
    """Whether the backend's descriptor has the capability of that name."""

    races_processes: ClassVar[bool] = True
    """Whether clients in several processes see one store; a double in memory says no."""

    many_objects: ClassVar[int] = 2_500
    """How many objects to list; more than one page of the service."""

    stream_bytes: ClassVar[int] = 64 * 1024 * 1024
    """How long a stream to put and get; less than half of it may be in memory."""

    most_memory: ClassVar[int] = 200 * 1024 * 1024
    """How many bytes may be in memory while a stream passes that is longer than all memory."""

    awkward_lengths: ClassVar[Sequence[int]] = (2**23 - 1, 2**23, 2**23 + 1)
    """Lengths about which the backend cuts objects into parts, or reads them in pieces."""

    history_calls: ClassVar[int] = 40
    """How many calls a random history has."""

    history_lengths: ClassVar[Sequence[int]] = (0, 1, 5, 1000, 70_000)
    """How long the objects of a random history are."""

    measured_objects: ClassVar[int] = 40
    """How many small objects to put and get for the counters of latency and throughput."""

    @pytest.fixture
    def client(self) -> Client:
        """Makes clients of one place without a store."""
        raise NotImplementedError("override the fixture `client`")

    @pytest.fixture
    def storage(self, client: Client) -> Iterator[Storage]:
        """A client of a store that was just created."""
        storage = client()
        storage.create()
        yield storage
        client().destroy()

    def leave_creation_unfinished(self, client: Client) -> None:
        """Leave at the place what ``create`` leaves when it is cut short as late as can be."""
        pytest.skip("the backend's test does not say what an unfinished creation leaves")

    # Stores come and go.

    def test_created_store_opens(self, storage: Storage, client: Client) -> None:
        client().open()

    def test_opening_what_was_never_created_raises_no_such_store(self, client: Client) -> None:
        with pytest.raises(NoSuchStore) as caught:
            client().open()
        assert caught.value.cure

    def test_creating_twice_raises_store_exists_and_harms_nothing(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"content")
        with pytest.raises(StoreExists) as caught:
            client().create()
        assert caught.value.cure
        assert read(storage, "a") == b"content"

    def test_one_of_eight_concurrent_creators_succeeds(self, client: Client) -> None:
        assert creators_that_won(client, _RACERS) == 1
        client().open()
        client().destroy()

    def test_destroyed_store_is_gone_with_its_objects(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"content")
        storage.put("d/a", b"content")
        client().destroy()
        with pytest.raises(NoSuchStore):
            client().open()
        client().create()
        assert list(client().list("")) == []

    def test_destroying_what_is_not_there_is_no_error(self, client: Client) -> None:
        client().destroy()

    def test_concurrent_destroyers_all_succeed(self, storage: Storage, client: Client) -> None:
        for number in range(50):
            storage.put(f"d{number % 5}/{number}", b"content")
        race_threads([client().destroy for _ in range(_RACERS)])
        with pytest.raises(NoSuchStore):
            client().open()

    def test_unfinished_creation_does_not_open_and_can_be_destroyed(self, client: Client) -> None:
        self.leave_creation_unfinished(client)
        with pytest.raises(NoSuchStore):
            client().open()
        client().destroy()
        client().create()
        client().open()
        client().destroy()

    def test_client_from_before_a_new_store_sees_the_new_one(self, storage: Storage, client: Client) -> None:
        storage.put("d/old", b"old")
        client().destroy()
        client().create()
        with pytest.raises(NoSuchObject):
            read(storage, "d/old")
        storage.put("d/new", b"new")
        assert list(client().list("")) == ["d/new"]

    def test_client_of_a_store_that_was_destroyed_is_told(self, storage: Storage, client: Client) -> None:
        storage.put("d/a", b"content")
        client().destroy()
        for act in (
            lambda: storage.put("d/b", b""),
            lambda: storage.put("d/b", b"", if_absent=True),
            lambda: storage.put("d/b", io.BytesIO(b"")),
            lambda: read(storage, "d/a"),
            lambda: storage.size("d/a"),
        ):
            caught(act, StorageError)
        with pytest.raises(NoSuchStore):
            client().open()

    # Objects are whole.

    @pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 1000], ids=["empty", "one", "binary"])
    def test_object_is_read_back_by_any_client(self, storage: Storage, client: Client, content: bytes) -> None:
        storage.put("d/bytes", content)
        storage.put("d/stream", io.BytesIO(content))
        for key in ("d/bytes", "d/stream"):
            assert read(client(), key) == content
            assert client().size(key) == len(content)

    def test_put_replaces_an_object(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"a long first content")
        storage.put("a", b"second")
        assert read(client(), "a") == b"second"
        assert client().size("a") == len(b"second")

    def test_conditional_put_of_a_taken_key_raises_and_changes_nothing(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"first", if_absent=True)
        with pytest.raises(ObjectExists, match="a"):
            client().put("a", b"second", if_absent=True)
        with pytest.raises(ObjectExists):
            client().put("a", io.BytesIO(b"third"), if_absent=True)
        assert read(storage, "a") == b"first"

    def test_conditional_put_succeeds_after_the_object_was_deleted(self, storage: Storage) -> None:
        storage.put("a", b"first", if_absent=True)
        storage.delete(["a"])
        storage.put("a", b"second", if_absent=True)
        assert read(storage, "a") == b"second"

    def test_one_of_eight_threads_wins_each_conditional_put(self, storage: Storage, client: Client) -> None:
        keys = [f"race/{number}" for number in range(_RACES)]
        won = threads_that_won(client, keys, _RACERS)
        assert [read(storage, key) for key in keys] == [str(racers[0]).encode() for racers in won]
        assert all(len(racers) == 1 for racers in won)

    def test_one_of_eight_processes_wins_each_conditional_put(self, storage: Storage, client: Client) -> None:
        if not self.races_processes:
            pytest.skip("the store is seen by one process only")
        keys = [f"race/{number}" for number in range(_RACES)]
        won = processes_that_won(client, keys, _RACERS)
        assert [read(storage, key) for key in keys] == [str(racers[0]).encode() for racers in won]
        assert all(len(racers) == 1 for racers in won)

    def test_readers_see_one_whole_content_while_it_is_replaced(self, storage: Storage, client: Client) -> None:
        contents = [bytes([65 + number]) * (1 + 40_000 * number) for number in range(4)]
        storage.put("a", contents[0])

        def replace() -> set[bytes]:
            for content in contents * 4:
                storage.put("a", content)
            return set()

        def look() -> set[bytes]:
            reader = client()
            return {read(reader, "a") for _ in range(16)}

        seen = set[bytes]().union(*race_threads([replace, look, look, look]))
        assert seen <= set(contents)

    def test_stream_that_breaks_leaves_nothing(self, storage: Storage, client: Client) -> None:
        with pytest.raises(StreamBroke):
            storage.put("d/a", BreakingStream(3_000_000))  # type: ignore[arg-type]
        with pytest.raises(NoSuchObject):
            client().size("d/a")
        assert list(client().list("")) == []
        storage.put("d/a", b"content", if_absent=True)

    def test_stream_that_breaks_leaves_the_object_it_was_to_replace(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"first")
        with pytest.raises(StreamBroke):
            storage.put("a", BreakingStream(3_000_000))  # type: ignore[arg-type]
        assert read(client(), "a") == b"first"

    def test_long_stream_passes_in_bounded_memory(self, storage: Storage, client: Client) -> None:
        with _memory_below(self.stream_bytes // 2):
            storage.put("long", PatternStream(self.stream_bytes))  # type: ignore[arg-type]
            with client().get("long") as found, io.BufferedReader(PatternStream(self.stream_bytes)) as expected:
                assert digest(found) == digest(expected)
        assert client().size("long") == self.stream_bytes

    def test_stream_longer_than_memory_passes(self, storage: Storage, client: Client) -> None:
        length = int(os.environ.get(_HUGE, "0"))
        if not length:
            pytest.skip(f"takes a while: set {_HUGE} to the length of the stream")
        with _memory_below(self.most_memory):
            storage.put("huge", SparseStream(length), if_absent=True)  # type: ignore[arg-type]
            with client().get("huge") as found, io.BufferedReader(SparseStream(length)) as expected:
                assert is_same(found, expected)
        assert client().size("huge") == length
        for start in (2**31 - 20, 2**32 - 20, length - 20):
            with client().get("huge", start, 40) as part:
                assert part.read() == sparse(start, max(0, min(40, length - start)))
        storage.delete(["huge"])

    def test_stream_that_answers_in_small_parts_is_put_whole(self, storage: Storage, client: Client) -> None:
        storage.put("a", DrippingStream(1_000_000))  # type: ignore[arg-type]  # a binary stream but in name
        assert read(client(), "a") == pattern(0, 1_000_000)

    def test_file_is_put_from_where_it_stands(self, storage: Storage, client: Client, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"x" * 1001 + pattern(0, _LONG))
        with path.open("rb") as stream:
            stream.seek(1001)
            storage.put("a", stream)
        assert _is_content(client(), "a", pattern(0, _LONG))

    def test_stream_that_unpacks_a_file_is_put_unpacked(self, storage: Storage, client: Client, tmp_path: Path) -> None:
        """Such a stream tells the descriptor of the file below it, whose bytes are others."""
        path = tmp_path / "packed"
        with gzip.open(path, "wb", compresslevel=0) as packed:
            packed.write(pattern(0, _LONG))
        with gzip.open(path, "rb") as stream:
            storage.put("a", stream)  # type: ignore[arg-type]  # a binary stream but in name
        assert _is_content(client(), "a", pattern(0, _LONG))

    def test_file_in_an_archive_is_put(self, storage: Storage, client: Client, tmp_path: Path) -> None:
        path = tmp_path / "archive"
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("member")
            member.size = _LONG
            archive.addfile(member, io.BytesIO(pattern(0, _LONG)))
        with tarfile.open(path) as archive:
            stream = archive.extractfile("member")
            assert stream is not None
            storage.put("a", stream)  # type: ignore[arg-type]  # a binary stream but in name
        assert _is_content(client(), "a", pattern(0, _LONG))

    def test_file_kept_in_memory_for_a_while_is_put(self, storage: Storage, client: Client) -> None:
        for length in (70_001, 5_000_001, _LONG):
            with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as stream:
                stream.write(pattern(0, length))
                stream.seek(0)
                storage.put("a", stream)  # type: ignore[arg-type]  # a binary stream but in name
            assert _is_content(client(), "a", pattern(0, length))

    def test_lengths_about_which_objects_are_cut_are_whole(self, storage: Storage, client: Client) -> None:
        for length in self.awkward_lengths:
            content = pattern(length % 251, length)
            storage.put(f"bytes/{length}", content)
            storage.put(f"stream/{length}", io.BytesIO(content))
            storage.put(f"new/{length}", io.BytesIO(content), if_absent=True)
            for kind in ("bytes", "stream", "new"):
                assert client().size(f"{kind}/{length}") == length
                assert _is_content(client(), f"{kind}/{length}", content)
            for start, count in ((length - 2, None), (length - 1, 2), (1, length), (0, length + 1), (length, 1)):
                with client().get(f"stream/{length}", start, count) as part:
                    assert part.read() == content[start : None if count is None else start + count]
            storage.delete([f"{kind}/{length}" for kind in ("bytes", "stream", "new")])

    def test_long_object_that_is_replaced_while_it_is_read_is_of_one_put_or_an_error(
        self, storage: Storage, client: Client
    ) -> None:
        """Not even an error that says that there is nothing."""
        contents = [bytes([65 + number]) * (3 * _LONG) for number in range(2)]
        storage.put("a", io.BytesIO(contents[0]))
        with client().get("a") as stream:
            began = stream.read(10)
            storage.put("a", io.BytesIO(contents[1]))
            rest = _rest_or_error(stream)
        if isinstance(rest, StorageError):
            assert not isinstance(rest, NoSuchObject)
        else:
            assert is_same(io.BytesIO(began + rest), io.BytesIO(contents[0]))
        assert _is_content(client(), "a", contents[1])

    def test_long_object_that_is_deleted_while_it_is_read_is_whole_or_an_error(
        self, storage: Storage, client: Client
    ) -> None:
        storage.put("a", PatternStream(3 * _LONG))  # type: ignore[arg-type]  # a binary stream but in name
        with client().get("a") as stream:
            began = stream.read(10)
            storage.delete(["a"])
            rest = _rest_or_error(stream)
        assert isinstance(rest, StorageError) or is_same(io.BytesIO(began + rest), io.BytesIO(pattern(0, 3 * _LONG)))

    @pytest.mark.parametrize("seed", range(3))
    def test_history_of_calls_leaves_what_a_dictionary_would(self, storage: Storage, client: Client, seed: int) -> None:
        history = History(client, seed, self.history_lengths)
        for _ in range(self.history_calls):
            history.step()
        history.check()

    # Parts of objects.

    @pytest.mark.parametrize(
        ("start", "length"),
        [(0, 0), (0, 1), (0, None), (1, None), (70_000, 10), (299_999, 1), (299_999, 5), (300_000, 1), (400_000, None)],
    )
    def test_range_is_read_and_cut_at_the_end(self, storage: Storage, start: int, length: int | None) -> None:
        content = pattern(0, 300_000)
        storage.put("a", content)
        with storage.get("a", start, length) as stream:
            assert stream.read() == content[start : None if length is None else start + length]
            assert stream.read() == b""

    def test_stream_is_read_in_steps(self, storage: Storage) -> None:
        storage.put("a", b"one\ntwo\nthree")
        with storage.get("a", 4, 7) as stream:
            assert stream.read(2) == b"tw"
            assert stream.readline() == b"o\n"
            assert stream.read() == b"thr"

    def test_reader_may_stop_halfway(self, storage: Storage) -> None:
        storage.put("a", pattern(0, 2_000_000))
        for _ in range(20):
            with storage.get("a") as stream:
                assert stream.read(10) == pattern(0, 10)
        assert read(storage, "a") == pattern(0, 2_000_000)

    def test_range_of_an_empty_object_is_empty(self, storage: Storage) -> None:
        storage.put("a", b"")
        with storage.get("a", 0, 10) as stream:
            assert stream.read() == b""

    def test_object_that_is_not_there_raises_no_such_object(self, storage: Storage) -> None:
        storage.put("d/a", b"content")
        for key in ("a", "d", "d/b", "d/a/b"):
            with pytest.raises(NoSuchObject, match=key):
                read(storage, key)
            with pytest.raises(NoSuchObject, match=key):
                storage.size(key)

    # Objects go.

    def test_deleted_object_is_gone_for_every_client(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"content")
        storage.put("b", b"content")
        storage.delete(key for key in ["a"])
        with pytest.raises(NoSuchObject):
            read(client(), "a")
        assert list(client().list("")) == ["b"]

    def test_deleting_what_is_not_there_is_no_error(self, storage: Storage) -> None:
        storage.put("d/a", b"content")
        storage.delete(["a", "d", "d/a/b", "e/f"])
        storage.delete([])
        assert list(storage.list("")) == ["d/a"]

    # Listings.

    def test_listing_has_more_than_a_page(self, storage: Storage, client: Client) -> None:
        keys = [f"many/{number % 3}/{number}" for number in range(self.many_objects)]

        def put(part: int) -> None:
            for key in keys[part::_RACERS]:
                storage.put(key, b"")

        race_threads([partial(put, part) for part in range(_RACERS)])
        found = list(client().list("many/"))
        assert len(found) == len(keys)
        assert set(found) == set(keys)
        storage.delete(keys)
        assert list(client().list("")) == []

    def test_listing_has_exactly_what_begins_with_the_prefix(self, storage: Storage) -> None:
        keys = ["a/b", "a/bc", "a/b.d/e", "ab", "b/a/b", "a-b"]
        for key in keys:
            storage.put(key, b"")
        for prefix in ("", "a", "a/", "a/b", "a/b.", "a/b.d/", "ab", "b/a/b", "c", "a/b/", "a/c", "A", "a/b.d/e/f"):
            assert sorted(storage.list(prefix)) == sorted(key for key in keys if key.startswith(prefix))

    def test_objects_may_be_deleted_while_they_are_listed(self, storage: Storage) -> None:
        keys = [f"d/{number}" for number in range(30)]
        for key in keys:
            storage.put(key, b"")
        found = []
        for key in storage.list("d/"):
            storage.delete([key])
            found.append(key)
        assert sorted(found) == sorted(keys)
        assert list(storage.list("")) == []

    @pytest.mark.parametrize("prefix", ["/", "a//", "../", "./", "a/../", "+", " "])
    def test_prefix_that_no_key_has_lists_nothing(self, storage: Storage, prefix: str) -> None:
        storage.put("a/b", b"")
        assert list(storage.list(prefix)) == []

    # Names.

    @pytest.mark.parametrize(
        "key",
        [
            _LEGAL,
            "n" * 512,
            "-".join(["n" * 254, "n" * 255, "n"]),
            "a/" * 255 + "ab",
            f"{'n' * 255}/{'m' * 256}",
            "...",
            ".hidden/-dash/_",
            ".nfs0000000000000001",
            "tmp",
        ],
        ids=lambda key: f"{key[:12]}-{len(key)}",
    )
    def test_every_legal_name_is_kept(self, storage: Storage, client: Client, key: str) -> None:
        storage.put(key, b"content", if_absent=True)
        with pytest.raises(ObjectExists):
            storage.put(key, b"other", if_absent=True)
        assert read(client(), key) == b"content"
        assert list(client().list("")) == [key]
        for length in (1, len(key) // 2, len(key) - 1, len(key)):
            assert list(client().list(key[:length])) == [key]
        storage.delete([key])
        assert list(client().list("")) == []

    def test_every_legal_character_may_stand_anywhere(self, storage: Storage) -> None:
        keys = [key for letter in _LEGAL for key in (f"{letter}0", f"0{letter}", f"d/{letter}/0", f"d/0{letter}0")]
        keys = sorted({key for key in keys if "/./" not in key})
        race_threads([partial(_put_each, storage, keys[part::_RACERS]) for part in range(_RACERS)])
        assert sorted(storage.list("")) == keys
        assert all(read(storage, key) == key.encode() for key in keys[::7])

    @pytest.mark.parametrize(
        "key", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a b", "a\n", "ä", "a+b", "a\0", "n" * 513]
    )
    def test_illegal_name_is_refused(self, storage: Storage, key: str) -> None:
        with pytest.raises(StorageError):
            storage.put(key, b"content")
        with pytest.raises(StorageError):
            read(storage, key)
        assert list(storage.list("")) == []

    def test_public_url_needs_no_object(self, storage: Storage) -> None:
        url = storage.public_url("d/not-there")
        assert url is None or "://" in url

    # Files that are taken over, where that is offered.

    def test_local_file_that_is_taken_becomes_the_object(
        self, storage: Storage, client: Client, tmp_path: Path
    ) -> None:
        made = tmp_path / "made"
        made.write_bytes(b"content")
        if storage.take("d/taken", str(made)):
            assert read(client(), "d/taken") == b"content"
            assert not made.exists()
        else:
            assert made.read_bytes() == b"content"
            with pytest.raises(NoSuchObject):
                storage.size("d/taken")

    # URLs that the service copies, where that is offered; more cases of it are in the kit of remote stores.

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x", "nobodys://place/x"])
    def test_url_of_another_service_is_not_copied(self, storage: Storage, url: str) -> None:
        assert storage.copy_url("d/copied", url) is None
        with pytest.raises(NoSuchObject):
            storage.size("d/copied")

    # Appending, where it is offered.

    def test_appended_bytes_are_seen_at_once_where_they_were_said_to_begin(
        self, storage: Storage, client: Client
    ) -> None:
        self._needs_appends()
        pieces = [b"one", b"", b"three", bytes(100_000), b"five"]
        begins = [storage.append("packs/w", piece) for piece in pieces]
        assert begins == [0, 3, 3, 8, 100_008]
        for begin, piece in zip(begins, pieces, strict=True):
            with client().get("packs/w", begin, len(piece)) as stream:
                assert stream.read() == piece
        assert client().size("packs/w") == 100_012
        assert list(client().list("packs/")) == ["packs/w"]

    def test_appended_object_is_continued_by_a_later_client(self, storage: Storage, client: Client) -> None:
        self._needs_appends()
        storage.append("packs/w", b"one")
        assert client().append("packs/w", b"two") == 3
        assert read(storage, "packs/w") == b"onetwo"

    def test_threads_that_append_to_one_object_lose_nothing(self, storage: Storage) -> None:
        self._needs_appends()

        def append(racer: int) -> list[int]:
            return [storage.append("packs/w", bytes([65 + racer]) * 100) for _ in range(50)]

        begins = race_threads([partial(append, racer) for racer in range(_RACERS)])
        content = read(storage, "packs/w")
        for racer, mine in enumerate(begins):
            assert all(content[begin : begin + 100] == bytes([65 + racer]) * 100 for begin in mine)
        assert len(content) == 100 * 50 * _RACERS

    def test_any_client_syncs_what_others_appended(self, storage: Storage, client: Client) -> None:
        self._needs_appends()
        for key in ("packs/1", "packs/2", "other/3"):
            storage.append(key, b"content")
        client().sync(["packs/1", "packs/2", "other/3"])
        storage.append("packs/1", b" and more")
        storage.sync(key for key in ["packs/1"])
        assert read(client(), "packs/1") == b"content and more"

    def test_syncing_what_is_not_there_raises_no_such_object(self, storage: Storage) -> None:
        self._needs_appends()
        with pytest.raises(NoSuchObject, match="packs/w"):
            storage.sync(["packs/w"])

    def test_deleted_object_that_is_appended_to_begins_anew(self, storage: Storage) -> None:
        self._needs_appends()
        storage.append("packs/w", b"one")
        storage.delete(["packs/w"])
        assert storage.append("packs/w", b"two") == 0
        assert read(storage, "packs/w") == b"two"

    # Errors.

    def test_errors_survive_pickling(self, storage: Storage, client: Client) -> None:
        storage.put("a", b"")
        errors = [
            caught(lambda: client().create(), StoreExists),
            caught(lambda: storage.size("b"), NoSuchObject),
            caught(lambda: storage.put("a", b"", if_absent=True), ObjectExists),
        ]
        client().destroy()
        errors.append(caught(lambda: client().open(), NoSuchStore))
        for error in errors:
            copy = pickle.loads(pickle.dumps(error))
            assert (type(copy), str(copy)) == (type(error), str(error))
            assert "\n" not in str(error)

    # Counters.

    def test_latency_and_throughput_are_counted(
        self, storage: Storage, record_property: Callable[[str, object], None]
    ) -> None:
        """Fails only if what was put does not come back; ``--junit-xml`` and whoever reads reports has the counters."""
        for name, value in measure(storage, self.measured_objects, self.stream_bytes // 4).items():
            record_property(name, round(value, 2))

    def _needs_appends(self) -> None:
        if not self.appends:
            pytest.skip("the store does not append")


def read(storage: Storage, key: str) -> bytes:
    """A whole object."""
    with storage.get(key) as stream:
        return stream.read()


def _rest_or_error(stream: BinaryIO) -> bytes | StorageError:
    try:
        return stream.read()
    except StorageError as error:
        return error


def _is_content(storage: Storage, key: str, expected: bytes) -> bool:
    """Whether an object is that; of a long one that is not, pytest would say too much."""
    return read(storage, key) == expected


def _put_each(storage: Storage, keys: Sequence[str]) -> None:
    for key in keys:
        storage.put(key, key.encode())


@contextmanager
def _memory_below(bound: int) -> Iterator[None]:
    """Fails if Python's objects take more than that at any moment."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < bound


def caught(act: Callable[[], object], kind: type[StorageError]) -> StorageError:
    """The error that ``act`` raises."""
    with pytest.raises(kind) as info:
        act()
    return info.value
