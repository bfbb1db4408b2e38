"""Letting clients of one store race: threads of this process, and processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

from toil_core.api.storage import Storage
from toil_core.errors import ObjectExists, StoreExists

_PATIENCE_SECONDS = 60.0


class _Start(Protocol):
    """A barrier of threads or of processes."""

    def wait(self, timeout: float | None = None) -> int: ...


def race_threads(racers: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all at once, each in a thread; what they returned, in their order. Raises what one raised."""
    start = threading.Barrier(len(racers))

    def run(racer: Callable[[], Any]) -> Any:
        start.wait(_PATIENCE_SECONDS)
        return racer()

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, racers))


def threads_that_won(client: Callable[[], Storage], keys: Sequence[str], racers: int) -> list[list[int]]:
    """For each key, which of the racing threads put it; each puts its own number."""
    start = threading.Barrier(racers)
    with ThreadPoolExecutor(racers) as pool:
        won = list(pool.map(lambda racer: _put_all(client, keys, racer, start), range(racers)))
    return _winners(keys, won)


def processes_that_won(client: Callable[[], Storage], keys: Sequence[str], racers: int) -> list[list[int]]:
    """As ``threads_that_won``, with processes; ``client`` is pickled."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start = context.Barrier(racers)
    results = context.SimpleQueue()
    processes = [
        # The server that forks them may be older than what the test has set.
        context.Process(target=_put_all_and_tell, args=(dict(os.environ), client, keys, racer, start, results))
        for racer in range(racers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [process.exitcode for process in processes if process.exitcode]
    if failed:
        raise AssertionError(f"{len(failed)} of {racers} racing processes failed")
    told = dict(results.get() for _ in processes)
    results.close()
    return _winners(keys, [told[racer] for racer in range(racers)])


def creators_that_won(client: Callable[[], Storage], racers: int) -> int:
    """How many of so many racing threads created the store."""

    def create() -> bool:
        try:
            client().create()
        except StoreExists:
            return False
        return True

    return sum(race_threads([create] * racers))


def _put_all_and_tell(
    environment: dict[str, str],
    client: Callable[[], Storage],
    keys: Sequence[str],
    racer: int,
    start: Barrier,
    results: multiprocessing.SimpleQueue[tuple[int, set[str]]],
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    results.put((racer, _put_all(client, keys, racer, start)))


def _put_all(client: Callable[[], Storage], keys: Sequence[str], racer: int, start: _Start) -> set[str]:
    storage = client()
    won = set()
    for key in keys:
        start.wait(_PATIENCE_SECONDS)
        try:
            storage.put(key, str(racer).encode(), if_absent=True)
        except ObjectExists:
            continue
        won.add(key)
    return won


def _winners(keys: Sequence[str], won: Sequence[set[str]]) -> list[list[int]]:
    return [[racer for racer, taken in enumerate(won) if key in taken] for key in keys]
