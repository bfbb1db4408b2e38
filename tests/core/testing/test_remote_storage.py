"""The kit of remote stores accepts a store that keeps its promises, and catches those that don't."""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from urllib.parse import quote
from uuid import uuid4

import pytest

from core.testing.http_storage import HttpStorage, Reply, checksum, http_server
from toil_core.errors import ObjectExists, StorageError
from toil_core.system.retry import Patience
from toil_core.testing import Answer, FaultProxy, RemoteStorageContract, ServiceErrors

ERRORS = ServiceErrors(
    internal=Answer(500, b"internal"),
    slow_down=Answer(503, b"slow down", {"Retry-After": "0"}),
    denied=Answer(403, b"denied"),
    expired=Answer(401, b"expired"),
    skewed=Answer(403, b"clock"),
)


@pytest.fixture(scope="module")
def http_endpoint():
    server = http_server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def source_at(place, endpoint):
    """Puts things at URLs."""
    HttpStorage(place, endpoint).create()

    def put(name, content):
        path = f"/{place}/{quote(name, safe='')}"
        headers = {"X-Checksum": checksum(content), "X-Writer": ""}
        HttpStorage(place, endpoint)._ask("PUT", path, "publish", headers, content)
        return f"kept:/{path}"

    return put


class TestHttpStorage(RemoteStorageContract):
    errors = ERRORS
    many_objects = 200
    kind = HttpStorage

    @pytest.fixture
    def server(self, http_endpoint):
        return http_endpoint

    @pytest.fixture
    def place(self):
        return f"place-{uuid4().hex}"

    @pytest.fixture
    def locator(self, place):
        return f"http:{place}"

    @pytest.fixture
    def client_at(self, place):
        return functools.partial(functools.partial, self.kind, place)

    @pytest.fixture
    def source_url(self, place, server):
        return source_at(f"{place}-in", server)

    def test_long_stream_passes_in_bounded_memory(self, storage, client):
        pytest.skip("this store keeps all in memory")


@pytest.fixture
def kit():
    return TestHttpStorage()


@pytest.fixture
def proxy(http_endpoint):
    with FaultProxy(http_endpoint) as proxy:
        yield proxy


@pytest.fixture
def world(http_endpoint, proxy, request):
    """Makes a client of a kind through the proxy, and what makes clients of the server."""

    def make(kind):
        place = f"bad-{uuid4().hex}"
        client = functools.partial(HttpStorage, place, http_endpoint)
        client().create()
        client().put("d/a", b"content")
        request.addfinalizer(client().destroy)
        return kind(place, proxy.endpoint), client

    return make


class Impatient(HttpStorage):
    """Gives up at once."""

    def __init__(self, place: str, endpoint: str) -> None:
        super().__init__(place, endpoint)
        self._patience = Patience(attempts=1)


class Forgetful(HttpStorage):
    """Takes its own first try for somebody else's."""

    def _put(self, key: str, content: bytes, if_absent: bool, operation: str) -> None:
        headers = {"X-Checksum": checksum(content), "X-Writer": ""}
        headers |= {"If-None-Match": "*"} if if_absent else {}
        if self._ask("PUT", key, operation, headers, content).status == 412:
            raise ObjectExists(key)


class Trusting(HttpStorage):
    """Checks no checksum."""

    def _check(self, key: str, reply: Reply) -> None:
        pass


class Fetching(HttpStorage):
    """Has copies pass through itself."""

    def copy_url(self, key: str, url: str) -> int | None:
        found = self._ask("GET", url.removeprefix("kept:/"), "copy")
        self.put(key, found.body)
        return len(found.body)


class Careless(HttpStorage):
    """Does not mind which version of a source is copied."""

    def _ask(self, method, key, operation, headers=None, body=b""):
        careless = {**(headers or {}), "X-If-Checksum": ""} if headers and "X-Source" in headers else headers
        return super()._ask(method, key, operation, careless, body)


class Harsh(HttpStorage):
    """Raises what a reader is to be told."""

    def copy_url(self, key: str, url: str) -> int | None:
        found = super().copy_url(key, url)
        if found is None:
            raise StorageError(f"{url} could not be copied")
        return found


class Stubborn(HttpStorage):
    """Asks again where it was refused."""

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            return super()._exchange(method, path, headers, body)
        except StorageError as error:
            raise ConnectionError from error


class Talkative(HttpStorage):
    """Tells its key."""

    def _ask(self, *arguments, **more):
        try:
            return super()._ask(*arguments, **more)
        except StorageError as error:
            raise StorageError(f"{error} with the key 12345") from error


def test_store_that_does_not_try_again_is_caught(kit, world, proxy):
    remote, client = world(Impatient)
    with pytest.raises(StorageError):
        kit.test_call_gets_over_a_fault_that_passes(remote, client, proxy, "slow_down", "get")


def test_store_that_takes_its_own_try_for_anothers_is_caught(kit, world, proxy):
    remote, client = world(Forgetful)
    with pytest.raises(ObjectExists):
        kit.test_call_gets_over_a_fault_that_passes(remote, client, proxy, "reset_late", "put_if_absent")


def test_store_that_trusts_its_network_is_caught(kit, world, proxy):
    remote, client = world(Trusting)
    with pytest.raises(AssertionError):
        kit.test_corrupted_content_is_never_returned_as_good(remote, client, proxy)


@pytest.mark.parametrize("fault", ["denied", "expired"])
def test_store_that_asks_again_where_it_was_refused_is_caught(kit, world, proxy, fault):
    remote, _ = world(Stubborn)
    with pytest.raises(AssertionError):
        kit.test_refusal_is_told_at_once(remote, proxy, "http:bad-", fault, "put")


def test_store_that_tells_a_secret_is_caught(world, proxy):
    class Kit(TestHttpStorage):
        secrets = ("12345",)

    remote, _ = world(Talkative)
    with pytest.raises(AssertionError):
        Kit().test_refusal_is_told_at_once(remote, proxy, "http:bad-", "denied", "put")


def test_store_that_copies_by_reading_is_caught(kit, world, proxy, http_endpoint):
    remote, client = world(Fetching)
    with pytest.raises(AssertionError):
        kit.test_url_is_copied_without_passing_through_here(
            remote, client, proxy, source_at(uuid4().hex, http_endpoint)
        )


def test_store_that_takes_one_version_for_another_is_caught(kit, world, proxy, http_endpoint):
    remote, client = world(Careless)
    source = source_at(uuid4().hex, http_endpoint)
    with pytest.raises(AssertionError):
        kit.test_source_that_changes_meanwhile_is_copied_as_one_of_what_it_was(remote, client, proxy, source, 1)


def test_store_that_tells_a_refusal_instead_of_the_reader_is_caught(kit, world, proxy, http_endpoint):
    remote, client = world(Harsh)
    with pytest.raises(StorageError):
        kit.test_copy_that_is_denied_is_not_made(remote, client, proxy, source_at(uuid4().hex, http_endpoint))
