"""One transfer in a process of its own: ``python -m benchmarks.stores.trip MODULE CONTESTANT CASE PLACE FOLDER COUNT``.

The clock starts when the client has spoken to the server once. A line of JSON tells what the transfer took.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.stores.contestant import Contestant, Service

THREADS = 16
CONTENT = b"x" * 1000
SOURCE = "source"


@dataclass(frozen=True)
class Trip:
    """Seconds of wall time, and of user and system time of the client with its processes; the most memory
    that the client held since its start, imports included."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class WrongBytes(Exception):
    """What came down is not what went up."""


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    module, name, case, place, folder, count = arguments
    service: Service = importlib.import_module(module).SERVICE
    contestant = service.entries[name].make(place)
    if case == "prepare":
        contestant.prepare()
        contestant.put("warm", CONTENT)
        return
    contestant.get("warm")
    act = _act(contestant, case, Path(folder), [f"small/{number}" for number in range(int(count))])
    cpu, began = _cpu_seconds(), time.perf_counter()
    act()
    wall, cpu = time.perf_counter() - began, _cpu_seconds() - cpu
    print(json.dumps(asdict(Trip(wall, cpu, _peak_bytes()))))


def _act(contestant: Contestant, case: str, folder: Path, keys: list[str]) -> Callable[[], None]:
    if case == "up":
        return lambda: contestant.up(folder / SOURCE)
    if case == "down":
        return lambda: contestant.down(folder / "down")
    one: Callable[[str], object] = contestant.get
    if case == "put":
        one = lambda key: contestant.put(key, CONTENT)  # noqa: E731  # as short as the other

    def together() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for found in pool.map(one, keys):
                if found not in (None, CONTENT):
                    raise WrongBytes

    return together


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_bytes() -> int:
    """Linux counts a parent's peak as its child's, but for this line."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(sys.argv[1:])
