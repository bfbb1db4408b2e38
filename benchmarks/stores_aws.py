"""The job store on S3 beside boto3 itself, in turns, on the server that the environment names.

``python -m benchmarks.stores_aws`` prints a line of JSON for each measure. Start a server first, and name
it and its keys by ``AWS_ENDPOINT_URL_S3``, ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``.
"""

from __future__ import annotations

import argparse
import io
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
from typing import Any

import boto3
from botocore.config import Config

from toil_aws.s3_storage import S3Storage
from toil_core.testing import FaultProxy

REGION = "us-east-1"
WORKERS = 16
BLOCK = 1 << 20


class Sparse(io.RawIOBase):
    """So many bytes, made as they are read."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._left = length
        self._block = os.urandom(BLOCK)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left, BLOCK)
        buffer[:count] = self._block[:count]
        self._left -= count
        return count


class Bare:
    """What people do with boto3 alone: its managed transfers, with its defaults."""

    def __init__(self, bucket: str) -> None:
        config = Config(max_pool_connections=WORKERS, s3={"addressing_style": "path"})
        self._client = boto3.client("s3", region_name=REGION, config=config)
        self._bucket = bucket

    def put_long(self, key: str, length: int) -> None:
        self._client.upload_fileobj(io.BufferedReader(Sparse(length)), self._bucket, key)

    def get_long(self, key: str) -> None:
        with Path(os.devnull).open("wb") as out:
            self._client.download_fileobj(self._bucket, key, _Sink(out))

    def put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def get(self, key: str) -> None:
        self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()


class _Sink(io.RawIOBase):
    """A file that may be written anywhere, as managed downloads do, and keeps nothing."""

    def __init__(self, out: Any) -> None:
        super().__init__()
        self._out = out
        self._position = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset
        return offset

    def write(self, content: Any) -> int:
        return int(self._out.write(content))


class Ours:
    """The job store."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage

    def put_long(self, key: str, length: int) -> None:
        self._storage.put(key, io.BufferedReader(Sparse(length)))

    def get_long(self, key: str) -> None:
        with self._storage.get(key) as stream, Path(os.devnull).open("wb") as out:
            while chunk := stream.read(BLOCK):
                out.write(chunk)

    def put(self, key: str, content: bytes) -> None:
        self._storage.put(key, content)

    def get(self, key: str) -> None:
        with self._storage.get(key) as stream:
            stream.read()


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def together(act: Callable[[str], object], count: int) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(act, [f"small/{number}" for number in range(count)]))


def in_turns(turns: int, ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """The median seconds of each; who begins changes."""
    found: dict[int, list[float]] = {0: [], 1: []}
    for turn in range(turns):
        for who in (0, 1) if turn % 2 == 0 else (1, 0):
            found[who].append(seconds((ours, bare)[who]))
    return statistics.median(found[0]), statistics.median(found[1])


def transfers(turns: int, length: int, count: int) -> None:
    storage = S3Storage(f"{REGION}:bench-{uuid.uuid4().hex[:12]}")
    storage.create()
    ours, bare = Ours(storage), Bare(storage._place.bucket)
    cases = {
        f"{length >> 20} MiB up": (lambda: ours.put_long("long", length), lambda: bare.put_long("bare-long", length)),
        f"{length >> 20} MiB down": (lambda: ours.get_long("long"), lambda: bare.get_long("bare-long")),
        f"{count} x 1 kB up": (
            lambda: together(lambda key: ours.put(key, b"x" * 1000), count),
            lambda: together(lambda key: bare.put(f"bare-{key}", b"x" * 1000), count),
        ),
        f"{count} x 1 kB down": (
            lambda: together(ours.get, count),
            lambda: together(lambda key: bare.get(f"bare-{key}"), count),
        ),
    }
    for name, acts in cases.items():
        mine, theirs = in_turns(turns, *acts)
        print(
            json.dumps(
                {"case": name, "ours": round(mine, 2), "boto3": round(theirs, 2), "speed": round(theirs / mine, 2)}
            )
        )
    storage.destroy()


def memory(length: int) -> None:
    """The most memory that a process of its own takes to put and get a long object."""
    script = "import sys; from benchmarks import stores_aws; stores_aws.pass_through(int(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", script, str(length)], check=True, capture_output=True, text=True)
    print(json.dumps({"case": f"memory for {length >> 20} MiB", "peak_mib": int(done.stdout) >> 10}))


def pass_through(length: int) -> None:
    """What ``memory`` measures; prints the peak in KiB."""
    storage = S3Storage(f"{REGION}:bench-{uuid.uuid4().hex[:12]}")
    storage.create()
    Ours(storage).put_long("long", length)
    Ours(storage).get_long("long")
    storage.destroy()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


JOBS = """
from toil_core.run import Run
from toil_core.workflow import Context, job, job_function
import argparse

@job(memory="10M", cores=0.01, disk="1M")
def nothing() -> None:
    pass

@job_function(memory="10M", cores=0.01, disk="1M")
def plan(context: Context, count: int) -> None:
    for _ in range(count):
        context.add_child(nothing())

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int)
    Run.add_arguments(parser)
    arguments = parser.parse_args()
    with Run(arguments, log_level="warning") as run:
        run.start(plan(arguments.count))
"""


def jobs(count: int) -> None:
    """The requests of a whole run of trivial jobs."""
    with FaultProxy(os.environ["AWS_ENDPOINT_URL_S3"]) as proxy, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "jobs.py"
        script.write_text(JOBS)
        words = ["--count", str(count), "--job-store", f"aws:{REGION}:bench-{uuid.uuid4().hex[:12]}"]
        environment = {**os.environ, "AWS_ENDPOINT_URL_S3": proxy.endpoint}
        took = seconds(lambda: subprocess.run([sys.executable, str(script), *words], env=environment, check=True))
        requests = len(proxy.requests)
    facts = {
        "case": f"{count} trivial jobs",
        "seconds": round(took, 1),
        "requests": requests,
        "a_job": requests / count,
    }
    print(json.dumps(facts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=1000)
    arguments = parser.parse_args()
    jobs(arguments.jobs)
    memory(arguments.mebibytes << 20)
    transfers(arguments.turns, arguments.mebibytes << 20, arguments.objects)


if __name__ == "__main__":
    main()
