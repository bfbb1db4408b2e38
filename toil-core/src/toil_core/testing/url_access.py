"""The contract kit of URL accesses. A backend's test inherits ``UrlAccessContract``."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from toil_core.api.url_access import UrlAccess
from toil_core.errors import NoSuchUrl, ToilError, UrlError
from toil_core.testing.streams import BreakingStream, PatternStream, StreamBroke, digest, pattern

Publish = Callable[[str, bytes], str]

_NAMES = ("plain.txt", "with space.txt", "naïve-名.txt", "a+b&c=d.txt", "100%.txt", "hash#tag.txt", "what?.txt")
_THREADS = 8


class UrlAccessContract:
    """What every URL access promises, as tests to inherit::

        class TestMyUrls(UrlAccessContract):
            @pytest.fixture
            def access(self) -> UrlAccess:
                return MyUrlAccess(MyOptions())

            @pytest.fixture
            def publish(self, service) -> Callable[[str, bytes], str]:
                return service.put  # a name and content become something with a URL, which is returned

    ``absent`` is a URL of the same place with nothing behind it, ``nowhere`` one in no place at all. With
    ``is_writable`` and ``is_listable`` the cases for writing and listing run; without, that the access refuses.
    """

    is_writable: ClassVar[bool] = True
    is_listable: ClassVar[bool] = True

    stream_bytes: ClassVar[int] = 32 * 1024 * 1024
    """How long a stream to read and write; it may not be in memory as a whole."""

    @pytest.fixture
    def access(self) -> UrlAccess:
        """The access under test."""
        raise NotImplementedError("override the fixture `access`")

    @pytest.fixture
    def publish(self) -> Publish:
        """Puts content where its URL leads."""
        raise NotImplementedError("override the fixture `publish`")

    @pytest.fixture
    def absent(self, publish: Publish) -> str:
        """A URL with nothing behind it."""
        return publish("there.txt", b"x").replace("there.txt", "not-there.txt")

    @pytest.fixture
    def nowhere(self) -> str:
        """A URL that cannot be written to, which is known before: in a bucket that is not there. Empty if
        there is no such thing."""
        return ""

    @pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 1000], ids=["empty", "one", "binary"])
    def test_content_and_size_are_what_was_published(self, access: UrlAccess, publish: Publish, content: bytes) -> None:
        url = publish("file.bin", content)
        facts = access.facts(url)
        assert facts.size in (None, len(content))
        assert not facts.is_directory
        with access.read(url) as stream:
            assert stream.read() == content

    @pytest.mark.parametrize("name", _NAMES)
    def test_names_may_have_any_character(self, access: UrlAccess, publish: Publish, name: str) -> None:
        with access.read(publish(name, name.encode())) as stream:
            assert stream.read().decode() == name

    @pytest.mark.parametrize("start", [0, 1, 99_999, 100_000, 200_000])
    def test_reading_begins_where_it_is_asked_to(self, access: UrlAccess, publish: Publish, start: int) -> None:
        content = pattern(0, 100_000)
        with access.read(publish("file.bin", content), start) as stream:
            assert stream.read() == content[start:]

    def test_what_is_not_there_raises_no_such_url(self, access: UrlAccess, absent: str) -> None:
        with pytest.raises(NoSuchUrl):
            access.facts(absent)
        with pytest.raises(NoSuchUrl):
            access.read(absent).close()

    def test_errors_survive_pickling(self, access: UrlAccess, absent: str) -> None:
        with pytest.raises(ToilError) as caught:
            access.facts(absent)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), str(again)) == (type(caught.value), str(caught.value))

    def test_eight_readers_at_once_read_the_same(self, access: UrlAccess, publish: Publish) -> None:
        content = pattern(0, 500_000)
        url = publish("file.bin", content)

        def read(_: int) -> bytes:
            with access.read(url) as stream:
                return stream.read()

        with ThreadPoolExecutor(_THREADS) as pool:
            assert set(pool.map(read, range(2 * _THREADS))) == {content}

    def test_a_local_path_leads_to_the_content(self, access: UrlAccess, publish: Publish) -> None:
        path = access.local_path(publish("with space.bin", b"content"))
        if path is not None:
            assert Path(path).read_bytes() == b"content"

    def test_what_is_written_is_read_back_and_replaces_what_was_there(
        self, access: UrlAccess, publish: Publish
    ) -> None:
        url = publish("out put.bin", b"a longer content that was there before")
        if not self.is_writable:
            with pytest.raises(UrlError, match="cannot write"):
                access.write(url, io.BytesIO(b"new"))
            with pytest.raises(UrlError, match="cannot write"):
                access.check_destination(url)
            return
        access.write(url, io.BytesIO(b"new"))
        with access.read(url) as stream:
            assert stream.read() == b"new"

    def test_a_stream_that_breaks_writes_nothing(self, access: UrlAccess, publish: Publish, absent: str) -> None:
        self._needs_writing()
        url = publish("kept.bin", b"kept")
        for target in (url, absent):
            with pytest.raises(StreamBroke):
                access.write(target, BreakingStream(300_000))  # type: ignore[arg-type]  # a binary stream but in name
        with access.read(url) as stream:
            assert stream.read() == b"kept"
        with pytest.raises(NoSuchUrl):
            access.facts(absent)

    def test_a_long_stream_is_written_and_read_in_parts(self, access: UrlAccess, absent: str) -> None:
        self._needs_writing()
        source = PatternStream(self.stream_bytes)
        access.write(absent, source)  # type: ignore[arg-type]  # a binary stream but in name
        assert source.largest_read < self.stream_bytes // 2
        with access.read(absent) as stream:
            assert digest(stream) == digest(PatternStream(self.stream_bytes))  # type: ignore[arg-type]  # likewise

    def test_what_was_executable_is_so_again_where_that_is_kept(self, access: UrlAccess, absent: str) -> None:
        self._needs_writing()
        access.write(absent, io.BytesIO(b"#!/bin/sh\n"), is_executable=True)
        if access.local_path(absent) is not None:
            assert access.facts(absent).is_executable

    def test_a_local_file_is_linked_whole_or_not_at_all(self, access: UrlAccess, absent: str, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"content")
        if access.link(absent, source):
            with access.read(absent) as stream:
                assert stream.read() == b"content"
        else:
            with pytest.raises(NoSuchUrl):
                access.facts(absent)
        assert source.read_bytes() == b"content"

    def test_a_destination_that_can_be_written_passes_and_nothing_is_left_there(
        self, access: UrlAccess, publish: Publish
    ) -> None:
        self._needs_writing()
        folder = publish("folder/a.txt", b"a").rpartition("/")[0]
        for destination in (folder, f"{folder}/", f"{folder}/new/deep", f"{folder}/a.txt"):
            access.check_destination(destination)
        if self.is_listable:
            assert list(access.list(folder)) == ["a.txt"]

    def test_a_destination_that_cannot_be_there_is_refused(self, access: UrlAccess, nowhere: str) -> None:
        self._needs_writing()
        if not nowhere:
            pytest.skip("whatever a URL of this scheme names can be made by writing to it")
        with pytest.raises(UrlError):
            access.check_destination(nowhere)

    def test_a_directory_lists_its_names(self, access: UrlAccess, publish: Publish) -> None:
        url = publish("folder/a.txt", b"a")
        publish("folder/b c.txt", b"b")
        publish("folder/below/d.txt", b"d")
        folder = url.rpartition("/")[0]
        if not self.is_listable:
            with pytest.raises(UrlError, match="cannot list"):
                access.list(folder)
            return
        assert sorted(access.list(folder)) == ["a.txt", "b c.txt", "below/"]
        assert access.facts(folder).is_directory

    def _needs_writing(self) -> None:
        if not self.is_writable:
            pytest.skip("URLs of this scheme are not written to")
