"""Sort a file by halving it until the parts are small, and merging them again."""

import codecs
import heapq
import os

from configargparse import ArgParser

from toil.common import Toil
from toil.job import Job
from toil.realtimeLogger import RealtimeLogger


def setup(job, input_file, n, options, memory="100M"):
    RealtimeLogger.info("Starting the merge sort")
    return job.addChildJobFn(
        down, input_file, n, "root", options, preemptable=True, memory=options.sortMemory, checkpoint=True
    ).rv()


def down(job, file_id, n, path, options, memory="100M"):
    whole = job.fileStore.readGlobalFile(file_id, cache=False)
    if os.path.getsize(whole) <= n:
        with open(whole) as stream:
            lines = sorted(stream)
        with open(whole + ".sort", "w") as out:
            out.writelines(lines)
        return job.fileStore.writeGlobalFile(whole + ".sort")
    with open(whole) as stream:
        lines = stream.readlines()
    halves = []
    for number, part in enumerate((lines[: len(lines) // 2], lines[len(lines) // 2 :])):
        name = job.fileStore.getLocalTempFile()
        with open(name, "w") as out:
            out.writelines(part)
        halves.append(
            job.addChildJobFn(
                down, job.fileStore.writeGlobalFile(name), n, f"{path}/{number}", options, memory=options.sortMemory
            ).rv()
        )
    return job.addFollowOnJobFn(up, *halves, path, options, preemptable=True, memory=options.sortMemory).rv()


def up(job, first, second, path, options, memory="100M"):
    with job.fileStore.writeGlobalFileStream() as (raw, merged):
        out = codecs.getwriter("utf-8")(raw)
        with job.fileStore.readGlobalFileStream(first) as one, job.fileStore.readGlobalFileStream(second) as two:
            reader = codecs.getreader("utf-8")
            for line in heapq.merge(reader(one), reader(two)):
                out.write(line)
    job.fileStore.deleteGlobalFile(first)
    job.fileStore.deleteGlobalFile(second)
    return merged


def main():
    parser = ArgParser()
    Job.Runner.addToilOptions(parser)
    parser.add_argument("--fileToSort")
    parser.add_argument("--outputFile")
    parser.add_argument("--N", type=int, default=10000)
    parser.add_argument("--sortMemory", default="150M")
    options = parser.parse_args()
    with Toil(options) as workflow:
        if not workflow.options.restart:
            file_id = workflow.importFile("file://" + os.path.abspath(options.fileToSort))
            sorted_id = workflow.start(Job.wrapJobFn(setup, file_id, options.N, options, memory=options.sortMemory))
        else:
            sorted_id = workflow.restart()
        workflow.exportFile(sorted_id, "file://" + os.path.abspath(options.outputFile))


if __name__ == "__main__":
    main()
