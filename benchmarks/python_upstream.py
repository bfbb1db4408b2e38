"""The workflows of ``python_ours.py`` with upstream Toil: ``python_upstream.py SHAPE COUNT [FILE]``.

With ``toil-compat`` it runs unchanged, too.
"""

from __future__ import annotations

import heapq
import sys
from pathlib import Path
from typing import Any

from toil.common import Toil
from toil.job import Job

CHUNK = 1 << 20
SMALL = {"memory": "50M", "disk": "1M", "cores": 0.5}
LARGE = {"memory": "200M", "disk": "200M", "cores": 0.5}


def trivial(job: Any, number: int) -> int:
    """A job that does nothing worth mentioning."""
    return number


def fan_out(job: Any, count: int) -> list[Any]:
    """Many jobs side by side."""
    return [job.addChildJobFn(trivial, number, **SMALL).rv() for number in range(count)]


def chain(job: Any, count: int) -> Any:
    """Many jobs one after the other."""
    last = job.addChildJobFn(trivial, 0, **SMALL)
    for number in range(1, count):
        last = last.addFollowOnJobFn(trivial, number, **SMALL)
    return last.rv()


def tree(job: Any, depth: int) -> None:
    """A binary tree that grows while it runs."""
    if depth:
        for _ in range(2):
            job.addChildJobFn(tree, depth - 1, **SMALL)


def megabyte(job: Any, number: int) -> bytes:
    """A large value."""
    return bytes([number % 256]) * 1_000_000


def measured(job: Any, value: bytes) -> int:
    """Reads a large value."""
    return len(value)


def values(job: Any, count: int) -> list[Any]:
    """Pairs of jobs, the first of which passes a large value to the second."""
    found = []
    for number in range(count // 2):
        made = job.addChildJobFn(megabyte, number, **LARGE)
        found.append(made.addChildJobFn(measured, made.rv(), **LARGE).rv())
    return found


def look(job: Any, file: Any) -> int:
    """Reads a file that all its siblings read."""
    return Path(job.fileStore.readGlobalFile(file)).stat().st_size


def shared(job: Any, count: int, file: Any) -> list[Any]:
    """Many jobs that read one file."""
    return [job.addChildJobFn(look, file, **LARGE).rv() for _ in range(count)]


def sort(job: Any, file: Any) -> Any:
    """The lines of a file in order: halves are sorted by other jobs until they are small."""
    content = Path(job.fileStore.readGlobalFile(file)).read_bytes()
    done = Path(job.fileStore.getLocalTempDir())
    if len(content) <= CHUNK:
        (done / "sorted").write_bytes(b"".join(sorted(content.splitlines(keepends=True))))
        return job.fileStore.writeGlobalFile(str(done / "sorted"))
    middle = content.index(b"\n", len(content) // 2) + 1
    parts = []
    for number, part in enumerate((content[:middle], content[middle:])):
        (done / str(number)).write_bytes(part)
        half = job.fileStore.writeGlobalFile(str(done / str(number)))
        parts.append(job.addChildJobFn(sort, half, **LARGE).rv())
    return job.addFollowOnJobFn(merge, *parts, **LARGE).rv()


def merge(job: Any, left: Any, right: Any) -> Any:
    """Two sorted files as one."""
    done = Path(job.fileStore.getLocalTempDir()) / "merged"
    paths = [job.fileStore.readGlobalFile(file) for file in (left, right)]
    with open(paths[0], "rb") as first, open(paths[1], "rb") as second, done.open("wb") as out:
        out.writelines(heapq.merge(first, second))
    return job.fileStore.writeGlobalFile(str(done))


def main(shape: str, count: int, file: str = "") -> None:
    """Run one shape, and check what it came to."""
    options = Job.Runner.getDefaultOptions("./store")
    options.logLevel, options.clean, options.disableChaining = "ERROR", "always", shape == "chain"
    with Toil(options) as toil:
        if shape == "sort":
            done = toil.start(Job.wrapJobFn(sort, toil.importFile(Path(file).as_uri()), **LARGE))
            toil.exportFile(done, Path("sorted").absolute().as_uri())
            assert Path("sorted").read_bytes().splitlines() == sorted(Path(file).read_bytes().splitlines())
        elif shape == "shared":
            found = toil.start(Job.wrapJobFn(shared, count, toil.importFile(Path(file).as_uri()), **LARGE))
            assert found == [Path(file).stat().st_size] * count, found
        elif shape == "tree":
            toil.start(Job.wrapJobFn(tree, count.bit_length() - 1, **SMALL))
        elif shape == "values":
            assert toil.start(Job.wrapJobFn(values, count, **SMALL)) == [1_000_000] * (count // 2)
        elif shape == "chain":
            assert toil.start(Job.wrapJobFn(chain, count, **SMALL)) == count - 1
        else:
            assert toil.start(Job.wrapJobFn(fan_out, count, **SMALL)) == list(range(count))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
