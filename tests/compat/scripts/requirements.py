"""Requirements that only an earlier job knows."""

import os

from toil.common import Toil
from toil.job import Job, PromisedRequirement


def stage(job, url, cores=1):
    imported = job.fileStore.import_file(url)
    return imported, imported.size


def analyse(job, fileStoreID, cores=1):
    with open(job.fileStore.readGlobalFile(fileStoreID)) as found:
        return len(found.read()), job.disk, job.memory


def parent(job):
    url = "file://" + os.path.realpath(__file__)
    staged = job.addChildJobFn(stage, url, cores=0.1, memory="32M", disk="1M")
    analysis = Job.wrapJobFn(
        analyse,
        fileStoreID=staged.rv(0),
        disk=PromisedRequirement(staged.rv(1)),
        memory=PromisedRequirement(lambda size, factor: size * factor + 10**8, staged.rv(1), 2),
    )
    return job.addFollowOn(analysis).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    size = os.path.getsize(__file__)
    with Toil(options) as toil:
        found = toil.start(Job.wrapJobFn(parent))
    assert found == (size, size, size * 2 + 10**8), found
    print("as promised")
