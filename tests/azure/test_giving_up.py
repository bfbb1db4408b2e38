"""Who gives up a transfer is not kept waiting by a service that is away."""

from __future__ import annotations

import threading

import pytest

from toil_azure.blob_storage import AzureStorage
from toil_core.system.retry import Patience
from toil_core.testing.fault_proxy import FaultProxy
from toil_core.testing.faults import Reset
from toil_core.testing.streams import PatternStream, StreamBroke

pytestmark = pytest.mark.network

STUBBORN = Patience(attempts=1000, base_seconds=60.0, cap_seconds=60.0, chance=lambda: 1.0)
LENGTH = 60 << 20


@pytest.fixture
def storage(emulator, accounts_at, rest):
    """A client that waits for a minute after each failure, by way of a proxy."""
    with FaultProxy(emulator.url) as proxy:
        storage = AzureStorage(rest, None, accounts_at(proxy.endpoint), STUBBORN)
        storage.create()
        yield storage, proxy
        proxy.clear()
        storage.destroy()


def no_answers(proxy, word):
    """From now on the requests with the word in their path are not answered; set once one was not."""
    is_missed = threading.Event()

    def is_meant(request):
        if word in request.path:
            is_missed.set()
        return word in request.path

    proxy.inject(Reset(), times=None, when=is_meant)
    return is_missed


class Interrupted(PatternStream):
    """Breaks once a request has not been answered."""

    def __init__(self, is_missed):
        super().__init__(LENGTH)
        self._is_missed = is_missed

    def read(self, size=-1):
        if self._position >= 8 << 20:
            self._is_missed.wait(30)
            raise StreamBroke
        return super().read(size)


def test_an_upload_that_is_interrupted_ends_at_once(storage):
    storage, proxy = storage
    is_missed = no_answers(proxy, "comp=block")
    with pytest.raises(StreamBroke):
        storage.put("long", Interrupted(is_missed))


def test_a_reader_that_is_closed_leaves_no_thread_waiting(storage):
    storage, proxy = storage
    storage.put("long", PatternStream(LENGTH))
    before = set(threading.enumerate())
    stream = storage.get("long")
    stream.read(5 << 20)
    is_missed = no_answers(proxy, "/long")
    stream.read(4 << 20)  # of what was read ahead; more is asked for
    assert is_missed.wait(30)
    stream.close()
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("toil-azure"):
            thread.join(30)
            assert not thread.is_alive()
