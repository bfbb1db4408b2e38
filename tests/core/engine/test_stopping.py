"""Ctrl-C and SIGTERM, whenever they come."""

from __future__ import annotations

import os
import signal

import pytest

from toil_core.engine.stopping import StopSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_python_dropped_while_it_forked_stops_the_run(number: int) -> None:
    stops: list[str] = []
    with StopSignals() as signals:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        signals.route(lambda: stops.append("dropped"))
        assert stops == ["dropped"]
        signals.route(lambda: stops.append("again"))
        assert stops == ["dropped"]


def test_an_interrupt_that_the_program_has_caught_before_its_run_does_not_stop_it() -> None:
    stops: list[str] = []
    with StopSignals() as signals:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        signals.route(None)
        signals.route(lambda: stops.append("run"))
    assert not stops
