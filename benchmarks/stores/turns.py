"""The transfers at one server, in turns: what the machine does meanwhile hits all alike."""

from __future__ import annotations

import filecmp
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from benchmarks.stores.contestant import Entry, Service
from benchmarks.stores.servers import Kind
from benchmarks.stores.trip import SOURCE, Trip

CASES = ("up", "down", "put", "get")
TRIP_SECONDS = 600


class TripFailed(Exception):
    """A contestant did not do it; the message holds the end of what it printed."""


@dataclass
class Course:
    """What is measured at servers of a kind. ``folder`` holds the file that goes up; ``count`` is the number of small
    objects a turn."""

    kind: Kind
    folder: Path
    count: int
    trips: dict[tuple[str, str], list[Trip]] = field(default_factory=dict)
    server_seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    place: str = field(default_factory=lambda: f"bench-{os.getpid()}-{time.time_ns() % 10**9}")

    @property
    def service(self) -> Service:
        """What speaks to the server."""
        found: Service = importlib.import_module(self.kind.module).SERVICE
        return found

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The contestants."""
        return {name: entry for name, entry in self.service.entries.items() if name not in self.kind.left_out}

    def prepare(self, environment: Mapping[str, str]) -> None:
        """Go on with the server that ``environment`` leads to: make the places of all there."""
        self.environment = environment
        for name, entry in self.entries.items():
            if not entry.is_beside:
                self._run(name, "prepare")

    def go_round(self, turn: int, rounds: int) -> None:
        """Each contestant once in each case; who begins changes."""
        for case in CASES:
            names = [name for name, entry in self.entries.items() if case in entry.cases]
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                trip, server = self._trip(name, case)
                self.trips.setdefault((case, name), []).append(trip)
                self.server_seconds.setdefault((case, name), []).append(server)
                figures = f"{trip.wall_seconds:.2f} s wall, {trip.cpu_seconds:.2f} s CPU, server {server:.2f} s CPU"
                print(f"{turn + 1}/{rounds} {case} {name}: {figures}", file=sys.stderr, flush=True)

    def _trip(self, name: str, case: str) -> tuple[Trip, float]:
        server = _children_seconds()
        told = json.loads(self._run(name, case))
        server = _children_seconds() - server
        down = self.folder / "down"
        if down.exists():
            if not filecmp.cmp(down, self.folder / SOURCE, shallow=False):
                raise TripFailed(f"{name} has read other bytes than were written")
            down.unlink()
        return Trip(**told), server

    def _run(self, name: str, case: str) -> str:
        words = [self.kind.module, name, case, self.place, str(self.folder), str(self.count)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.stores.trip", *words],
                env={**os.environ, **self.environment},
                capture_output=True,
                text=True,
                timeout=TRIP_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise TripFailed(f"{name}, {case}: it took more than {TRIP_SECONDS} s") from error
        if done.returncode != 0:
            raise TripFailed(f"{name}, {case}: {(done.stdout + done.stderr)[-2000:]}")
        return done.stdout


def _children_seconds() -> float:
    """What the server's processes have used so far; clients are not there when this is called."""
    found = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found += times.user + times.system
    return found
