"""Sort a file by halving it until the parts are small, and merging them again."""

import codecs
import os
import random
import shutil
import sys

from configargparse import ArgumentParser

from toil.common import Toil
from toil.job import Job
from toil.realtimeLogger import RealtimeLogger

default_memory = "100M"


def setup(job, input_file, n, down_checkpoints, options):
    RealtimeLogger.info("Starting the merge sort")
    return job.addChildJobFn(
        down, input_file, n, "root", down_checkpoints, options=options, preemptible=True, memory=options.sortMemory
    ).rv()


def down(job, file_id, n, path, down_checkpoints, options, memory=default_memory):
    RealtimeLogger.info("Down job starting: %s" % path)  # noqa: UP031  as upstream's example does
    whole = job.fileStore.readGlobalFile(file_id, cache=False)
    length = os.path.getsize(whole)
    if length <= n:
        RealtimeLogger.critical("Sorting file: %s of size: %s" % (file_id, length))  # noqa: UP031
        shutil.copyfile(whole, whole + ".sort")
        sort(whole + ".sort")
        return job.fileStore.writeGlobalFile(whole + ".sort", cleanup=True)
    RealtimeLogger.critical("Splitting file: %s of size: %s" % (file_id, length))  # noqa: UP031
    middle = middle_of_lines(whole, length)
    halves = []
    for number, (start, end) in enumerate(((0, middle), (middle, length))):
        name = job.fileStore.getLocalTempFile()
        with open(whole, "rb") as source, open(name, "wb") as out:
            source.seek(start)
            out.write(source.read(end - start))
        half = job.addChildJobFn(
            down,
            job.fileStore.writeGlobalFile(name, cleanup=not down_checkpoints),
            n,
            f"{path}/{number}",
            down_checkpoints,
            checkpoint=down_checkpoints,
            options=options,
            preemptible=True,
            memory=options.sortMemory,
        )
        halves.append(half.rv())
    return job.addFollowOnJobFn(
        up, *halves, path + "/up", preemptable=True, options=options, memory=options.mergeMemory
    ).rv()


def up(job, first, second, path, options, memory=default_memory):
    RealtimeLogger.info("Up job starting: %s" % path)  # noqa: UP031
    with job.fileStore.writeGlobalFileStream(cleanup=False) as (handle, merged):
        handle = codecs.getwriter("utf-8")(handle)
        with job.fileStore.readGlobalFileStream(first) as one:
            one = codecs.getreader("utf-8")(one)
            with job.fileStore.readGlobalFileStream(second, encoding="utf-8") as two:
                RealtimeLogger.info("Merging %s and %s to %s" % (first, second, merged))  # noqa: UP031
                merge(one, two, handle)
        job.fileStore.deleteGlobalFile(first)
        job.fileStore.deleteGlobalFile(second)
        return merged


def sort(name):
    with open(name) as stream:
        lines = stream.readlines()
    lines.sort()
    with open(name, "w") as out:
        out.writelines(lines)


def merge(one, two, out):
    line = two.readline()
    for other in one:
        while line and line <= other:
            out.write(line)
            line = two.readline()
        out.write(other)
    while line:
        out.write(line)
        line = two.readline()


def middle_of_lines(name, length):
    with open(name, "rb") as stream:
        stream.seek(length // 2)
        stream.readline()
        return stream.tell()


def make_file(name, lines, length):
    with open(name, "w") as out:
        for _ in range(lines):
            out.write("".join(random.choice("actgACTGNXYZ") for _ in range(length - 1)) + "\n")


def main(options=None):
    if not options:
        parser = ArgumentParser()
        Job.Runner.addToilOptions(parser)
        parser.add_argument("--numLines", default=1000, help="Make a file of so many lines.", type=int)
        parser.add_argument("--lineLength", default=50, help="Make lines of that length.", type=int)
        parser.add_argument("--fileToSort", help="Sort this file.")
        parser.add_argument("--outputFile", help="Put the sorted lines here.")
        parser.add_argument("--overwriteOutput", default=True, help="Replace a file that is there.")
        parser.add_argument("--N", dest="N", default=10000, help="Sort parts of this size without halving them.")
        parser.add_argument("--downCheckpoints", action="store_true", help="Make the halving jobs checkpoints.")
        parser.add_argument("--sortMemory", dest="sortMemory", default=None, help="Memory of jobs that sort.")
        parser.add_argument("--mergeMemory", dest="mergeMemory", default=None, help="Memory of jobs that merge.")
        options = parser.parse_args()
    if not hasattr(options, "sortMemory") or not options.sortMemory:
        options.sortMemory = default_memory
    if not hasattr(options, "mergeMemory") or not options.mergeMemory:
        options.mergeMemory = default_memory
    sorted_name = options.outputFile or "sortedFile.txt"
    if options.overwriteOutput in (False, "False") and os.path.exists(sorted_name):
        print(f"Output file {sorted_name} already exists.")
        sys.exit()
    name = options.fileToSort
    if name is None:
        name = "fileToSort.txt"
        make_file(name, options.numLines, options.lineLength)
    if not os.path.exists(name):
        raise RuntimeError(f"File to sort does not exist: {name}")
    with Toil(options) as workflow:
        sorted_url = "file://" + os.path.abspath(sorted_name)
        if not workflow.options.restart:
            file_id = workflow.importFile("file://" + os.path.abspath(name))
            sorted_id = workflow.start(
                Job.wrapJobFn(
                    setup, file_id, int(options.N), options.downCheckpoints, options=options, memory=default_memory
                )
            )
        else:
            sorted_id = workflow.restart()
        workflow.exportFile(sorted_id, sorted_url)


if __name__ == "__main__":
    main()
