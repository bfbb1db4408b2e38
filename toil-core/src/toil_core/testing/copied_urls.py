"""The cases of the contract kit about objects that a service copies from URLs by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeAlias

import pytest

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchUrl, StorageError
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import Request, Reset, ServiceErrors
from toil_core.testing.storage import Client, StorageContract, read
from toil_core.testing.streams import pattern

SourceUrl: TypeAlias = Callable[[str, bytes], str | None]

_REASON = "the service makes no copies by itself, or the backend's test does not say of what"
_NAMES = ("plain", "with blanks and +", "per%20cent", "ä/ö.ü", "a?b=c&d#e")
_OVERHEAD = 256 * 1024
"""More bytes than the requests and answers about a copy have."""


class UrlCopies(StorageContract):
    """Part of ``RemoteStorageContract``. Override ``source_url`` if the backend offers ``copy_url``."""

    errors: ClassVar[ServiceErrors]

    copied_bytes: ClassVar[int] = 3 * 1024 * 1024
    """How long an object to copy."""

    @pytest.fixture
    def source_url(self) -> SourceUrl:
        """Puts content at a name beside the store, in the same service, and tells its URL; ``None`` where
        none is copied by the service."""
        return lambda name, content: None

    def test_url_is_copied_without_passing_through_here(
        self, remote: Storage, client: Client, proxy: FaultProxy, source_url: SourceUrl
    ) -> None:
        content = pattern(0, self.copied_bytes)
        url = _published(source_url, content)
        proxy.clear()
        assert remote.copy_url("d/copied", url) == len(content)
        assert proxy.passed_bytes < _OVERHEAD
        assert read(client(), "d/copied") == content
        assert client().size("d/copied") == len(content)
        with client().get("d/copied", 1_000_000, 10) as part:
            assert part.read() == content[1_000_000:1_000_010]

    @pytest.mark.parametrize("name", _NAMES)
    def test_url_of_any_name_is_copied(
        self, storage: Storage, client: Client, source_url: SourceUrl, name: str
    ) -> None:
        for number, content in enumerate((b"", name.encode())):
            assert storage.copy_url(f"d/{number}", _published(source_url, content, name)) == len(content)
            assert read(client(), f"d/{number}") == content

    def test_copy_outlives_what_it_was_made_of(self, storage: Storage, client: Client, source_url: SourceUrl) -> None:
        assert storage.copy_url("d/copied", _published(source_url, b"as it was")) == 9
        source_url("source", b"as it is now")
        assert read(client(), "d/copied") == b"as it was"

    def test_url_with_nothing_at_it_raises_no_such_url(self, storage: Storage, source_url: SourceUrl) -> None:
        url = _published(source_url, b"content")
        with pytest.raises(NoSuchUrl):
            storage.copy_url("d/copied", f"{url}-not-there")
        _is_not_there(storage, "d/copied")

    def test_copy_that_is_denied_is_not_made(
        self, remote: Storage, client: Client, proxy: FaultProxy, source_url: SourceUrl
    ) -> None:
        """Whether the source may be read is for the reader to tell, by what it raises."""
        url = _published(source_url, b"content")
        proxy.inject(self.errors.denied, times=None)
        assert remote.copy_url("d/copied", url) is None
        assert proxy.strikes() > 0
        _is_not_there(client(), "d/copied")

    @pytest.mark.parametrize("is_late", [False, True])
    @pytest.mark.parametrize("kind", ["internal", "reset"])
    def test_copying_gets_over_a_fault_that_passes(
        self, remote: Storage, client: Client, proxy: FaultProxy, source_url: SourceUrl, kind: str, is_late: bool
    ) -> None:
        url = _published(source_url, b"content")
        fault = Reset(is_late) if kind == "reset" else replace(self.errors.internal, is_late=is_late)
        for skipped in range(3):
            requests = iter(range(1_000_000))
            # Whichever request it strikes.
            proxy.inject(fault, when=lambda _, after=skipped, seen=requests: next(seen) >= after)  # type: ignore[misc]
            assert remote.copy_url(f"d/{skipped}", url) == 7
            proxy.clear()
            assert read(client(), f"d/{skipped}") == b"content"

    def test_outage_that_does_not_end_is_an_error_that_names_what_was_to_be_made(
        self, remote: Storage, proxy: FaultProxy, source_url: SourceUrl
    ) -> None:
        url = _published(source_url, b"content")
        proxy.inject(self.errors.internal, times=None)
        with pytest.raises(StorageError, match="d/copied"):
            remote.copy_url("d/copied", url)

    @pytest.mark.parametrize("after", [1, 2, 3])
    def test_source_that_changes_meanwhile_is_copied_as_one_of_what_it_was(
        self, remote: Storage, client: Client, proxy: FaultProxy, source_url: SourceUrl, after: int
    ) -> None:
        contents = [b"first" * 100_000, b"second" * 90_000]
        url = _published(source_url, contents[0])
        seen: list[Request] = []

        def change(request: Request) -> bool:
            seen.append(request)
            if len(seen) == after + 1:
                source_url("source", contents[1])
            return False

        proxy.inject(Reset(), times=None, when=change)
        size = remote.copy_url("d/copied", url)
        if size is None:
            _is_not_there(client(), "d/copied")
        else:
            found = read(client(), "d/copied")
            assert found in contents
            assert len(found) == size

    def test_client_of_a_store_that_was_destroyed_copies_nothing(
        self, storage: Storage, client: Client, source_url: SourceUrl
    ) -> None:
        url = _published(source_url, b"content")
        client().destroy()
        with pytest.raises(StorageError):
            storage.copy_url("d/copied", url)


def _published(source_url: SourceUrl, content: bytes, name: str = "source") -> str:
    url = source_url(name, content)
    if url is None:
        pytest.skip(_REASON)
    return url


def _is_not_there(storage: Storage, key: str) -> None:
    with pytest.raises(NoSuchObject):
        storage.size(key)
