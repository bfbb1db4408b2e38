"""The contract kit of job stores behind a network. A backend's test inherits ``RemoteStorageContract``."""

from __future__ import annotations

import io
import pickle
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, ClassVar

import pytest

from toil_core.api.storage import Storage
from toil_core.errors import NoSuchObject, NoSuchStore, ObjectExists, StorageError
from toil_core.testing.copied_urls import UrlCopies
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import Answer, Corrupt, CorruptUpload, CutUpload, Fault, Reset, ServiceErrors, Truncate
from toil_core.testing.histories import History
from toil_core.testing.storage import Client, read
from toil_core.testing.streams import PatternStream, pattern

_BODY = 300_000
"""Longer than any answer but that which carries this object."""


@dataclass(frozen=True)
class Operation:
    """A call of the contract, of which the kit knows the answer. ``words`` stand in its errors."""

    call: Callable[[Storage], Any]
    answer: Any
    words: str


OPERATIONS = {
    "open": Operation(lambda storage: storage.open(), None, ""),
    "put": Operation(lambda storage: storage.put("d/new", b"new"), None, "d/new"),
    "put_stream": Operation(lambda storage: storage.put("d/new", io.BytesIO(b"new")), None, "d/new"),
    "put_if_absent": Operation(lambda storage: storage.put("d/new", b"new", if_absent=True), None, "d/new"),
    "put_stream_if_absent": Operation(
        lambda storage: storage.put("d/new", io.BytesIO(b"new"), if_absent=True), None, "d/new"
    ),
    "get": Operation(lambda storage: read(storage, "d/a"), b"content", "d/a"),
    "get_range": Operation(lambda storage: _part(storage, "d/a", 2, 3), b"nte", "d/a"),
    "size": Operation(lambda storage: storage.size("d/a"), 7, "d/a"),
    "list": Operation(lambda storage: [key for key in storage.list("d/") if key != "d/new"], ["d/a"], "d/"),
    "delete": Operation(lambda storage: storage.delete(["d/a", "d/b"]), None, "d/"),
}
PASSING = ("internal", "slow_down", "reset", "internal_late", "reset_late")
LASTING = ("denied", "expired")


class RemoteStorageContract(UrlCopies):
    """What a job store behind a network promises besides, when network and service fail::

        class TestMyStorage(RemoteStorageContract):
            errors = ServiceErrors(internal=Answer(500, b"..."), ...)
            secrets = ("the key that no error may show",)

            @pytest.fixture
            def server(self, my_server) -> str:
                return "http://127.0.0.1:5000"

            @pytest.fixture
            def locator(self) -> str:
                return "mine:a-place-nobody-has-used"

            @pytest.fixture
            def client_at(self, locator) -> Callable[[str], Client]:
                return lambda endpoint: functools.partial(MyStorage, ..., endpoint)

    Every call goes to the real server, through a ``FaultProxy`` where something is to go wrong. Clients
    should be impatient: retry as often as usual, and wait hardly at all in between.
    """

    errors: ClassVar[ServiceErrors]
    """How the service says what goes wrong."""

    secrets: ClassVar[Sequence[str]] = ()
    """What may be in no message: the keys that clients are given."""

    verifies: ClassVar[bool] = True
    """Whether content is checked against a checksum wherever it is read as a whole."""

    passing_faults: ClassVar[int] = 2
    """How many faults in a row a call gets over."""

    most_requests_when_refused: ClassVar[int] = 3
    """How many requests a call may make that is denied each of them."""

    most_requests_to_create: ClassVar[int] = 60
    """How many requests it takes at most to make an empty store, or to remove one with an object."""

    most_seconds_when_refused: ClassVar[float] = 5.0
    """How long a call may take that is denied each of its requests."""

    @pytest.fixture
    def server(self) -> str:
        """The URL of a real server: ``http://HOST:PORT``."""
        raise NotImplementedError("override the fixture `server`")

    @pytest.fixture
    def locator(self) -> str:
        """What a person types for the place of this test, ``NAME:REST``; errors have it."""
        raise NotImplementedError("override the fixture `locator`")

    @pytest.fixture
    def client_at(self, locator: str) -> Callable[[str], Client]:
        """Makes, for an endpoint's URL, what makes clients of this test's place."""
        raise NotImplementedError("override the fixture `client_at`")

    @pytest.fixture
    def client(self, client_at: Callable[[str], Client], server: str) -> Client:
        """Makes clients that talk to the server itself."""
        return client_at(server)

    @pytest.fixture
    def proxy(self, server: str) -> Iterator[FaultProxy]:
        """Stands before the server."""
        with FaultProxy(server) as proxy:
            yield proxy

    @pytest.fixture
    def remote(self, storage: Storage, client_at: Callable[[str], Client], proxy: FaultProxy) -> Storage:
        """A client of the created store, with the object ``d/a``, that talks through the proxy."""
        storage.put("d/a", b"content")
        remote = client_at(proxy.endpoint)()
        remote.open()
        proxy.clear()
        return remote

    # Faults that pass.

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("fault", PASSING)
    def test_call_gets_over_a_fault_that_passes(
        self, remote: Storage, client: Client, proxy: FaultProxy, fault: str, operation: str
    ) -> None:
        """A late fault strikes when the server has carried out the request: a repeated one must not find
        that its own first try was somebody else's."""
        proxy.inject(self._fault(fault), times=1 if fault.endswith("_late") else self.passing_faults)
        asked = OPERATIONS[operation]
        assert asked.call(remote) == asked.answer
        assert proxy.strikes() > 0
        proxy.clear()
        if operation.startswith("put"):
            assert read(client(), "d/new") == b"new"

    @pytest.mark.parametrize("seed", range(2))
    def test_history_of_calls_that_faults_strike_leaves_what_a_dictionary_would(
        self, storage: Storage, client_at: Callable[[str], Client], proxy: FaultProxy, seed: int
    ) -> None:
        """Whichever request of a call a fault strikes, before or after the server has carried it out."""
        chance = random.Random(seed)
        history = History(client_at(proxy.endpoint), seed, (*self.history_lengths, max(self.awkward_lengths)))
        faults = (CutUpload(1000), Truncate(1000), *(self._fault(name) for name in PASSING))
        for _ in range(self.history_calls):
            fault, skipped = chance.choice(faults), count(-chance.randrange(3))
            proxy.inject(fault, when=lambda _, seen=skipped: next(seen) >= 0)  # type: ignore[misc]
            history.step()
            proxy.clear()
        history.check()

    @pytest.mark.parametrize("fault", ["internal", "reset", "reset_late"])
    def test_store_is_made_and_removed_through_faults_that_pass(
        self, client_at: Callable[[str], Client], proxy: FaultProxy, client: Client, fault: str
    ) -> None:
        remote = client_at(proxy.endpoint)()
        try:
            for act in (remote.create, remote.open, remote.destroy):
                proxy.inject(self._fault(fault))
                act()
                assert proxy.strikes() > 0
                proxy.clear()
        finally:
            client().destroy()

    def test_creation_that_breaks_off_at_any_request_is_removed(
        self, client_at: Callable[[str], Client], proxy: FaultProxy, client: Client
    ) -> None:
        for whole in range(1, self.most_requests_to_create):
            begun = count()
            proxy.inject(Reset(), times=None, when=lambda _, seen=begun, whole=whole: next(seen) >= whole)  # type: ignore[misc]
            is_made = _is_done(client_at(proxy.endpoint)().create)
            proxy.clear()
            if not is_made:
                with pytest.raises(NoSuchStore):
                    client().open()
            client().destroy()
            with pytest.raises(NoSuchStore):
                client().open()
            if is_made:
                return
        raise AssertionError(f"create makes more than {self.most_requests_to_create} requests")

    def test_removal_that_breaks_off_at_any_request_is_gone_on_with(
        self, client_at: Callable[[str], Client], proxy: FaultProxy, client: Client
    ) -> None:
        for whole in range(1, self.most_requests_to_create):
            client().create()
            client().put("d/a", b"content")
            begun = count()
            proxy.inject(Reset(), times=None, when=lambda _, seen=begun, whole=whole: next(seen) >= whole)  # type: ignore[misc]
            is_gone = _is_done(client_at(proxy.endpoint)().destroy)
            proxy.clear()
            client().destroy()
            with pytest.raises(NoSuchStore):
                client().open()
            if is_gone:
                return
        raise AssertionError(f"destroy makes more than {self.most_requests_to_create} requests")

    def test_repeated_conditional_put_still_finds_what_another_put(
        self, remote: Storage, client: Client, proxy: FaultProxy
    ) -> None:
        proxy.inject(Reset(is_late=True))
        with pytest.raises(ObjectExists):
            remote.put("d/a", b"mine", if_absent=True)
        # Even the same content is not this client's own.
        proxy.inject(Reset(is_late=True))
        with pytest.raises(ObjectExists):
            remote.put("d/a", b"content", if_absent=True)
        assert read(client(), "d/a") == b"content"

    def test_outage_that_does_not_end_is_an_error_that_names_store_and_operation(
        self, remote: Storage, proxy: FaultProxy, locator: str
    ) -> None:
        for name, asked in OPERATIONS.items():
            proxy.inject(self.errors.internal, times=None)
            self._refused(remote, name, asked, locator)
            proxy.clear()

    def test_server_that_nobody_can_reach_is_an_error_that_names_store_and_operation(
        self, remote: Storage, proxy: FaultProxy, locator: str
    ) -> None:
        proxy.inject(Reset(), times=None)
        for name in ("put", "get", "list"):
            self._refused(remote, name, OPERATIONS[name], locator)

    # Faults that stay.

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("fault", LASTING)
    def test_refusal_is_told_at_once(
        self, remote: Storage, proxy: FaultProxy, locator: str, fault: str, operation: str
    ) -> None:
        proxy.inject(self._fault(fault), times=None)
        began = time.monotonic()
        error = self._refused(remote, operation, OPERATIONS[operation], locator)
        assert len(proxy.requests) <= self.most_requests_when_refused, proxy.requests
        assert time.monotonic() - began < self.most_seconds_when_refused
        assert not isinstance(error, NoSuchObject | ObjectExists)
        assert error.cure, "says what to try"

    def test_wrong_clock_is_told(self, remote: Storage, proxy: FaultProxy, locator: str) -> None:
        if self.errors.skewed is None:
            pytest.skip("the service does not tell that a client's clock is wrong")
        proxy.inject(self.errors.skewed, times=None)
        error = self._refused(remote, "put", OPERATIONS["put"], locator)
        assert "clock" in str(error)

    @pytest.mark.parametrize("seconds", [-7200.0, 7200.0])
    def test_dates_of_answers_do_not_matter(self, remote: Storage, proxy: FaultProxy, seconds: float) -> None:
        proxy.skew_seconds = seconds
        for asked in OPERATIONS.values():
            assert asked.call(remote) == asked.answer
            remote.delete(["d/new"])
            remote.put("d/a", b"content")

    # Content.

    def test_content_that_is_cut_short_is_read_again_or_an_error(
        self, remote: Storage, client: Client, proxy: FaultProxy
    ) -> None:
        client().put("long", pattern(0, _BODY))
        proxy.inject(Truncate(at_least=_BODY // 4), times=self.passing_faults)
        assert read(remote, "long") == pattern(0, _BODY)
        assert proxy.strikes() == self.passing_faults
        proxy.inject(Truncate(), times=None)
        with pytest.raises(StorageError) as caught:
            read(remote, "long")
        assert "long" in str(caught.value)

    def test_range_that_is_cut_short_is_read_again(self, remote: Storage, client: Client, proxy: FaultProxy) -> None:
        client().put("long", pattern(0, _BODY))
        proxy.inject(Truncate(at_least=_BODY // 4))
        assert _part(remote, "long", 1000, _BODY // 2) == pattern(1000, _BODY // 2)
        assert proxy.strikes() == 1

    def test_corrupted_content_is_never_returned_as_good(
        self, remote: Storage, client: Client, proxy: FaultProxy
    ) -> None:
        if not self.verifies:
            pytest.skip("content is not checked against a checksum")
        client().put("long", pattern(0, _BODY))
        proxy.inject(Corrupt(at_least=_BODY // 4))
        assert _good_or_error(lambda: read(remote, "long")) in (pattern(0, _BODY), "long")
        assert proxy.strikes() == 1
        assert read(remote, "long") == pattern(0, _BODY)

    @pytest.mark.parametrize("is_new", [False, True], ids=["put", "new"])
    def test_corrupted_long_object_is_never_returned_as_good(
        self, remote: Storage, client: Client, proxy: FaultProxy, is_new: bool
    ) -> None:
        """Of each length about which the backend cuts objects."""
        if not self.verifies:
            pytest.skip("content is not checked against a checksum")
        for length in self.awkward_lengths:
            content = pattern(0, length)
            client().put(f"long/{length}", io.BytesIO(content), if_absent=is_new)
            proxy.inject(Corrupt(at_least=_BODY))
            found = _good_or_error(lambda: read(remote, f"long/{length}"))  # noqa: B023  # called at once
            is_good = found == content
            assert is_good or found == "long"
            assert proxy.strikes() > 0
            proxy.clear()

    @pytest.mark.parametrize("is_stream", [False, True], ids=["bytes", "stream"])
    def test_content_corrupted_on_its_way_in_is_never_returned_as_good(
        self, remote: Storage, client: Client, proxy: FaultProxy, is_stream: bool
    ) -> None:
        if not self.verifies:
            pytest.skip("content is not checked against a checksum")
        proxy.inject(CorruptUpload(at_least=_BODY // 4))
        content = pattern(0, _BODY)

        def put_and_read() -> bytes:
            remote.put("long", io.BytesIO(content) if is_stream else content)
            return read(client(), "long")

        assert _good_or_error(put_and_read) in (content, "long")
        assert proxy.strikes() == 1

    def test_upload_that_breaks_on_the_wire_leaves_nothing(
        self, remote: Storage, client: Client, proxy: FaultProxy
    ) -> None:
        proxy.inject(CutUpload(after_bytes=_BODY // 4), times=None)
        for content in (pattern(0, _BODY), PatternStream(20 * 1024 * 1024)):
            with pytest.raises(StorageError):
                remote.put("d/long", content)  # type: ignore[arg-type]  # a binary stream but in name
        assert list(client().list("")) == ["d/a"]
        with pytest.raises(NoSuchObject):
            client().size("d/long")

    def test_upload_that_breaks_on_the_wire_is_taken_up_again(
        self, remote: Storage, client: Client, proxy: FaultProxy
    ) -> None:
        proxy.inject(CutUpload(after_bytes=_BODY // 4))
        remote.put("d/bytes", pattern(0, _BODY), if_absent=True)
        proxy.inject(CutUpload(after_bytes=_BODY // 4))
        remote.put("d/stream", io.BytesIO(pattern(0, _BODY)), if_absent=True)
        for key in ("d/bytes", "d/stream"):
            assert read(client(), key) == pattern(0, _BODY)
        assert proxy.strikes() == 2

    def test_slow_network_is_waited_for(self, remote: Storage, proxy: FaultProxy) -> None:
        proxy.delay_seconds = 0.1
        proxy.bytes_per_second = 2_000_000
        remote.put("long", pattern(0, _BODY))
        assert read(remote, "long") == pattern(0, _BODY)

    def _fault(self, name: str) -> Fault:
        kind, is_late = name.removesuffix("_late"), name.endswith("_late")
        if kind == "reset":
            return Reset(is_late)
        answer: Answer = getattr(self.errors, kind)
        return replace(answer, is_late=is_late)

    def _refused(self, remote: Storage, name: str, asked: Operation, locator: str) -> StorageError:
        """The error of a call, which must be one line for people, with store and operation, without secrets."""
        with pytest.raises(StorageError) as caught:
            asked.call(remote)
        error = caught.value
        told = str(error)
        assert "\n" not in told, name
        assert locator in told, f"{name}: {told}"
        assert asked.words in told, f"{name}: {told}"
        assert not [secret for secret in self.secrets if secret in told or secret in repr(error)], name
        assert str(pickle.loads(pickle.dumps(error))) == told
        return error


def _is_done(act: Callable[[], None]) -> bool:
    try:
        act()
    except StorageError:
        return False
    return True


def _good_or_error(act: Callable[[], bytes]) -> bytes | str:
    """What was read, or the key if its error names it."""
    try:
        return act()
    except StorageError as error:
        return "long" if "long" in str(error) else str(error)


def _part(storage: Storage, key: str, start: int, length: int) -> bytes:
    with storage.get(key, start, length) as stream:
        return stream.read()
