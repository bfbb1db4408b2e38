"""Classes of several bases, keywords handed on, promises by key, a promised disk, and processes of a job's own."""

import logging
import multiprocessing
import os

from toil.common import Toil
from toil.job import Job, PromisedRequirement

logger = logging.getLogger(__name__)


class Numbered(Job):
    def __init__(self, number, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number


class Greets:
    greeting = "hello"


class Worker(Numbered, Greets):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, memory="100M", **kwargs)

    def run(self, fileStore):
        logger.info("this goes to the log of job %s", self.number)
        fileStore.logToMaster(f"{self.greeting} from {self.number}")
        processes = [multiprocessing.Process(target=leave, args=(fileStore.localTempDir, n)) for n in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        left = sorted(name for name in os.listdir(fileStore.localTempDir) if name.startswith("left"))
        below = self.addChildJobFn(wrap, {"key": [self.number]}, disk="10M")
        return {"left": left, "below": below.rv("again", 0), "cores": self.cores}


def leave(folder, number):
    with open(os.path.join(folder, f"left{number}"), "w") as out:
        out.write(str(number))


def wrap(job, given):
    return {"again": [given["key"][0] + 1]}


def keywords(job, *args, **kwargs):
    return args, sorted(kwargs.items())


def stage(job, url, cores=1):
    imported = job.fileStore.importFile(url)
    return imported, imported.size


def analyse(job, fileStoreID, cores=1):
    assert job.disk == os.path.getsize(job.fileStore.readGlobalFile(fileStoreID)) == fileStoreID.size
    return "analysed"


def main(job, options):
    worker = job.addChild(Worker(3, cores=1, displayName="the worker"))
    shown = job.addChildJobFn(keywords, 1, z=worker.rv("below"), memory="20M", cores=0.5, preemptable=True)
    download = Job.wrapJobFn(stage, "File://" + os.path.realpath(__file__), cores=0.1, memory="32M", disk="1M")
    job.addChild(download)
    analysis = Job.wrapJobFn(analyse, fileStoreID=download.rv(0), disk=PromisedRequirement(download.rv(1)))
    download.addFollowOn(analysis)
    return [worker.rv(), shown.rv(), analysis.rv(), options.own]


def run():
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--own", type=int, default=5)
    options = parser.parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(main, options)))


run()
