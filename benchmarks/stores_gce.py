"""The job store at Google beside the bare library, in turns, on the server that the environment names.

``python -m benchmarks.stores_gce`` prints a line of JSON for each measure. Start a storage-testbench first, and
name it by ``STORAGE_EMULATOR_HOST``. It adds what it is sent to what it has by copying, and has no
multipart uploads by the XML API: the library's best is an upload of a file by one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client, transfer_manager
from requests.adapters import HTTPAdapter

from toil_core.testing import FaultProxy
from toil_gce.storage import GoogleStorage

WORKERS = 16
BLOCK = 1 << 20


class Bare:
    """What people do with the library alone."""

    def __init__(self) -> None:
        client = Client("bench", AnonymousCredentials())  # type: ignore[no-untyped-call]  # the library's
        client._http.mount("http://", HTTPAdapter(pool_maxsize=WORKERS))
        self._bucket = client.create_bucket(f"bench-{uuid.uuid4().hex[:12]}")

    def put_long(self, path: Path) -> None:
        self._bucket.blob("long").upload_from_filename(str(path))

    def get_long(self, path: Path) -> None:
        self._bucket.blob("long").download_to_filename(str(path))

    def get_long_in_parallel(self, path: Path) -> None:
        kind = transfer_manager.THREAD
        transfer_manager.download_chunks_concurrently(self._bucket.blob("long"), str(path), worker_type=kind)

    def put(self, key: str) -> None:
        self._bucket.blob(key).upload_from_string(b"x" * 1000)

    def get(self, key: str) -> None:
        self._bucket.blob(key).download_as_bytes()


class Ours:
    """The job store."""

    def __init__(self) -> None:
        self.storage = GoogleStorage(f"bench:bench-{uuid.uuid4().hex[:12]}")
        self.storage.create()

    def put_long(self, path: Path) -> None:
        with path.open("rb") as content:
            self.storage.put("long", content)

    def get_long(self, path: Path) -> None:
        with self.storage.get("long") as stream, path.open("wb") as out:
            while block := stream.read(BLOCK):
                out.write(block)

    def put(self, key: str) -> None:
        self.storage.put(key, b"x" * 1000)

    def get(self, key: str) -> None:
        with self.storage.get(key) as stream:
            stream.read()


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def together(act: Callable[[str], object], count: int) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(act, [f"small/{number}" for number in range(count)]))


def transfers(turns: int, folder: Path, length: int, count: int) -> None:
    ours, bare = Ours(), Bare()
    up, down = made(folder, length), folder / "down"
    size = f"{length >> 20} MiB"
    cases: dict[str, list[Callable[[], object]]] = {
        f"{size} up": [lambda: ours.put_long(up), lambda: bare.put_long(up)],
        f"{size} down": [
            lambda: ours.get_long(down),
            lambda: bare.get_long(down),
            lambda: bare.get_long_in_parallel(down),
        ],
        f"{count} x 1 kB up": [lambda: together(ours.put, count), lambda: together(bare.put, count)],
        f"{count} x 1 kB down": [lambda: together(ours.get, count), lambda: together(bare.get, count)],
    }
    for name, acts in cases.items():
        found: list[list[float]] = [[] for _ in acts]
        for turn in range(turns):
            for who in list(range(len(acts)))[:: 1 if turn % 2 else -1]:
                found[who].append(seconds(acts[who]))
        mine, *theirs = (statistics.median(one) for one in found)
        facts = {"case": name, "ours": round(mine, 2), "library": [round(one, 2) for one in theirs]}
        print(json.dumps({**facts, "speed": round(min(theirs) / mine, 2)}), flush=True)
    ours.storage.destroy()


def made(folder: Path, length: int) -> Path:
    path = folder / "up"
    block = os.urandom(BLOCK)
    with path.open("wb") as file:
        for _ in range(length // BLOCK):
            file.write(block)
    return path


def memory(folder: Path, length: int) -> None:
    """The most memory that a process of its own takes to put and get a long object."""
    script = "import sys; from benchmarks import stores_gce; stores_gce.pass_through(sys.argv[1])"
    words = [sys.executable, "-c", script, str(made(folder, length))]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    print(json.dumps({"case": f"memory for {length >> 20} MiB", "peak_mib": int(done.stdout) >> 10}), flush=True)


def pass_through(path: str) -> None:
    """What ``memory`` measures; prints the peak in KiB."""
    ours = Ours()
    ours.put_long(Path(path))
    ours.get_long(Path(os.devnull))
    ours.storage.destroy()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


JOBS = """
import argparse
from toil_core.run import Run
from toil_core.workflow import Context, job, job_function

@job(memory="10M", cores=0.01, disk="1M")
def nothing() -> None:
    pass

@job_function(memory="10M", cores=0.01, disk="1M")
def plan(context: Context, count: int) -> None:
    for _ in range(count):
        context.add_child(nothing())

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments, log_level="warning") as run:
        run.start(plan(arguments.count))
"""


def jobs(folder: Path, count: int) -> None:
    """The requests of a whole run of trivial jobs."""
    script = folder / "jobs.py"
    script.write_text(JOBS)
    with FaultProxy(os.environ["STORAGE_EMULATOR_HOST"]) as proxy:
        words = [sys.executable, str(script), str(count), "--job-store", f"google:bench:bench-{uuid.uuid4().hex[:12]}"]
        environment = {**os.environ, "STORAGE_EMULATOR_HOST": proxy.endpoint}
        took = seconds(lambda: subprocess.run(words, env=environment, check=True))
        requests = len(proxy.requests)
    facts = {"seconds": round(took, 1), "requests": requests, "a_job": requests / count}
    print(json.dumps({"case": f"{count} trivial jobs", **facts}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        jobs(folder, arguments.jobs)
        memory(folder, arguments.mebibytes << 20)
        transfers(arguments.turns, folder, arguments.mebibytes << 20, arguments.objects)


if __name__ == "__main__":
    main()
