"""The channel between attempts and their leader, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue

import pytest

from toil_core.engine.channel import Channel, Said, ServiceUp, Word, our_address
from toil_core.errors import LeaderLost
from toil_core.model.channel import ChannelAddress
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.outcome import Message
from toil_core.model.payload import Payload
from toil_core.worker.frames import HELLO, SAY, frame
from toil_core.worker.line import Line

JOB, ATTEMPT = JobId("1"), AttemptId("1.7")


@pytest.fixture
def words() -> SimpleQueue[Word]:
    return SimpleQueue()


@pytest.fixture
def channel(words: SimpleQueue[Word]) -> Iterator[Channel]:
    made = Channel(words.put, is_local=True)
    made.start()
    yield made
    made.close()


@pytest.fixture
def line(channel: Channel) -> Iterator[Line]:
    made = Line(lambda: channel.address, JOB, ATTEMPT)
    yield made
    made.close()


def test_lines_and_starts_of_services_reach_the_leader_in_order(line: Line, words: SimpleQueue[Word]) -> None:
    line.say(20, "first\nsecond äöü")
    line.say(20, "a name of a file: \udcff")
    line.up(Payload("port 7"))
    assert words.get(timeout=10) == Said(JOB, ATTEMPT, Message(20, "first\nsecond äöü"))
    assert words.get(timeout=10) == Said(JOB, ATTEMPT, Message(20, "a name of a file: \\udcff"))
    assert words.get(timeout=10) == ServiceUp(ATTEMPT, Payload("port 7"))


def test_a_service_hears_when_it_is_to_stop(channel: Channel, line: Line, words: SimpleQueue[Word]) -> None:
    line.up(Payload("x"))
    words.get(timeout=10)
    assert not line.is_stopped(0)
    channel.stop(ATTEMPT)
    assert line.is_stopped(10)


def test_a_service_that_calls_late_is_told_at_once(channel: Channel, line: Line) -> None:
    channel.stop(ATTEMPT)
    line.up(Payload("x"))
    assert line.is_stopped(10)


def test_what_was_said_before_the_end_is_heard(channel: Channel, line: Line, words: SimpleQueue[Word]) -> None:
    for number in range(1000):
        line.say(20, str(number))
    line.close()
    channel.close()
    assert [words.get_nowait() for _ in range(1000)][-1] == Said(JOB, ATTEMPT, Message(20, "999"))


def test_a_leader_that_ends_leaves_nobody_waiting(channel: Channel, line: Line, words: SimpleQueue[Word]) -> None:
    line.up(Payload("x"))
    words.get(timeout=10)
    channel.close()
    with pytest.raises(LeaderLost):
        line.is_stopped(10)
    with pytest.raises(LeaderLost, match="cannot be reached"):
        Line(lambda: channel.address, JOB, ATTEMPT).say(20, "too late")


def test_a_caller_without_the_secret_is_not_heard(channel: Channel, words: SimpleQueue[Word]) -> None:
    stranger = Line(lambda: replace(channel.address, secret="0" * 32), JOB, ATTEMPT)
    stranger.say(20, "let me in")
    with pytest.raises(LeaderLost):
        stranger.is_stopped(10)
    stranger.close()
    with socket.create_connection((channel.address.host, channel.address.port), 10) as rude:
        rude.sendall(frame(SAY, b"20 hello"))
        assert rude.recv(1) == b""
    assert words.empty()


def test_a_caller_who_speaks_nonsense_silences_nobody_else(
    channel: Channel, line: Line, words: SimpleQueue[Word]
) -> None:
    address = channel.address
    with socket.create_connection((address.host, address.port), 10) as odd:
        odd.sendall(frame(HELLO, f"{address.secret} 1 1.8".encode()) + frame(SAY, b"no level"))
        assert odd.recv(1) == b""
    line.say(20, "still here")
    assert words.get(timeout=10) == Said(JOB, ATTEMPT, Message(20, "still here"))


def test_the_secret_is_not_shown(channel: Channel) -> None:
    assert channel.address.secret
    assert channel.address.secret not in repr(channel.address)
    assert isinstance(channel.address, ChannelAddress)


def test_other_machines_are_told_an_address_of_ours() -> None:
    assert our_address()
    made = Channel(lambda word: None, is_local=False)
    try:
        assert made.address.host == our_address()
        with socket.create_connection((made.address.host, made.address.port), 10):
            pass
    finally:
        made.close()
