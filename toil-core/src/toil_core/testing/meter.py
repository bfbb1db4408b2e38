"""What a storage costs: how long calls take, and how much passes in a second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

from toil_core.api.storage import Storage
from toil_core.testing.races import race_threads
from toil_core.testing.streams import PatternStream, is_same

_OBJECT = b"x" * 1024
_MIB = 1024 * 1024


def measure(storage: Storage, objects: int, stream_bytes: int, threads: int = 8) -> Mapping[str, float]:
    """Counters by their names, which end in the unit. Keys are below ``meter/``, and are deleted.

    ``objects`` of 1 KiB are put and got one after the other, then by so many threads at once, and one
    stream passes each way. Raises ``AssertionError`` if what comes back is not what was put.
    """
    keys = [f"meter/{number}" for number in range(objects)]
    one_by_one = {
        "put_ms": _median_ms(lambda key: storage.put(key, _OBJECT), keys),
        "get_ms": _median_ms(lambda key: _check(storage, key), keys),
        "size_ms": _median_ms(storage.size, keys),
    }
    together = {
        "put_per_s": _per_second(lambda key: storage.put(key, _OBJECT), keys, threads),
        "get_per_s": _per_second(lambda key: _check(storage, key), keys, threads),
    }
    began = time.perf_counter()
    storage.put("meter/stream", PatternStream(stream_bytes))  # type: ignore[arg-type]  # a binary stream but in name
    middle = time.perf_counter()
    with storage.get("meter/stream") as found:
        assert is_same(found, PatternStream(stream_bytes))  # type: ignore[arg-type]  # likewise
    ended = time.perf_counter()
    storage.delete([*keys, "meter/stream"])
    streams = {
        "up_mib_per_s": stream_bytes / _MIB / (middle - began),
        "down_mib_per_s": stream_bytes / _MIB / (ended - middle),
    }
    return one_by_one | together | streams


def _check(storage: Storage, key: str) -> None:
    with storage.get(key) as stream:
        assert stream.read() == _OBJECT


def _median_ms(call: Callable[[str], object], keys: list[str]) -> float:
    taken = []
    for key in keys:
        began = time.perf_counter()
        call(key)
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def _per_second(call: Callable[[str], object], keys: list[str], threads: int) -> float:
    def call_all(part: int) -> None:
        for key in keys[part::threads]:
            call(key)

    began = time.perf_counter()
    race_threads([partial(call_all, part) for part in range(threads)])
    return len(keys) / (time.perf_counter() - began)
