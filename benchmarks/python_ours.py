"""Workflows of Python jobs with toil-core: ``python_ours.py SHAPE COUNT [FILE]``.

``python_upstream.py`` does the same with upstream Toil. What they have to come to is checked at the end.
"""

from __future__ import annotations

import heapq
import sys
from pathlib import Path

from toil_core.model.file import FileRef
from toil_core.run import Run
from toil_core.workflow import Context, Promise, job, job_function

CHUNK = 1 << 20
"""Bytes that one job sorts."""


@job(memory="50M", disk="1M", cores=0.5)
def trivial(number: int) -> int:
    """A job that does nothing worth mentioning."""
    return number


@job(memory="50M", disk="1M", cores=0.5, shares_process=True)
def trivial_beside_others(number: int) -> int:
    """The same, of an author who knows that it keeps nothing between calls."""
    return number


@job_function(memory="50M", disk="1M", cores=0.5)
def fan_out(context: Context, count: int) -> list[Promise[int]]:
    """Many jobs side by side."""
    return [context.add_child(trivial(number)).rv() for number in range(count)]


@job_function(memory="50M", disk="1M", cores=0.5)
def fan_out_shared(context: Context, count: int) -> list[Promise[int]]:
    """Many jobs that may share processes."""
    return [context.add_child(trivial_beside_others(number)).rv() for number in range(count)]


@job_function(memory="50M", disk="1M", cores=0.5)
def chain(context: Context, count: int) -> Promise[int]:
    """Many jobs one after the other."""
    last = context.add_child(trivial(0))
    for number in range(1, count):
        last = last.add_follow_on(trivial(number))
    return last.rv()


@job_function(memory="50M", disk="1M", cores=0.5)
def tree(context: Context, depth: int) -> None:
    """A binary tree that grows while it runs."""
    if depth:
        for _ in range(2):
            context.add_child(tree(depth - 1))


@job(memory="100M", disk="1M", cores=0.5)
def megabyte(number: int) -> bytes:
    """A large value."""
    return bytes([number % 256]) * 1_000_000


@job(memory="100M", disk="1M", cores=0.5)
def measured(value: bytes) -> int:
    """Reads a large value."""
    return len(value)


@job_function(memory="50M", disk="1M", cores=0.5)
def values(context: Context, count: int) -> list[Promise[int]]:
    """Pairs of jobs, the first of which passes a large value to the second."""
    found = []
    for number in range(count // 2):
        made = context.add_child(megabyte(number))
        found.append(made.add_child(measured(made.rv())).rv())
    return found


@job_function(memory="50M", disk="200M", cores=0.5)
def look(context: Context, ref: FileRef) -> int:
    """Reads a file that all its siblings read."""
    path = context.work_dir / "shared"
    context.files.read(ref, path)
    return path.stat().st_size


@job_function(memory="50M", disk="200M", cores=0.5)
def shared(context: Context, count: int, ref: FileRef) -> list[Promise[int]]:
    """Many jobs that read one file."""
    return [context.add_child(look(ref)).rv() for _ in range(count)]


@job_function(memory="200M", disk="100M", cores=0.5)
def sort(context: Context, ref: FileRef) -> FileRef | Promise[FileRef]:
    """The lines of a file in order: halves are sorted by other jobs until they are small."""
    path = context.work_dir / "lines"
    context.files.read(ref, path)
    if ref.size <= CHUNK:
        done = context.work_dir / "sorted"
        done.write_bytes(b"".join(sorted(path.read_bytes().splitlines(keepends=True))))
        return context.files.write(done, move=True)
    content = path.read_bytes()
    middle = content.index(b"\n", len(content) // 2) + 1
    halves = [context.files.write_bytes(part) for part in (content[:middle], content[middle:])]
    parts = [context.add_child(sort(half)).rv() for half in halves]
    return context.add_follow_on(merge(parts[0], parts[1])).rv()


@job_function(memory="200M", disk="100M", cores=0.5)
def merge(context: Context, left: FileRef, right: FileRef) -> FileRef:
    """Two sorted files as one."""
    done = context.work_dir / "merged"
    with context.files.open(left) as first, context.files.open(right) as second, done.open("wb") as out:
        out.writelines(heapq.merge(first, second))
    return context.files.write(done, move=True)


def main(shape: str, count: int, file: str = "") -> None:
    """Run one shape, and check what it came to."""
    with Run(job_store="./store", clean="always") as run:
        if shape == "sort":
            done = run.start(sort(run.import_file(file)))
            assert isinstance(done, FileRef)  # promises in values are fulfilled
            run.export_file(done, Path("sorted").absolute())
            assert Path("sorted").read_bytes().splitlines() == sorted(Path(file).read_bytes().splitlines())
        elif shape == "shared":
            sizes: object = run.start(shared(count, run.import_file(file)))
            assert sizes == [Path(file).stat().st_size] * count, sizes
        elif shape == "tree":
            run.start(tree(count.bit_length() - 1))
        elif shape == "values":
            lengths: object = run.start(values(count))
            assert lengths == [1_000_000] * (count // 2)
        elif shape == "chain":
            last: object = run.start(chain(count))
            assert last == count - 1
        else:
            numbers: object = run.start(fan_out_shared(count) if shape == "fan-out-shared" else fan_out(count))
            assert numbers == list(range(count))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
