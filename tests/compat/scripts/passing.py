"""What travels between jobs: ids as plain text, attributes, jobs that hold jobs."""

from toil.common import Toil
from toil.job import Job


class Part(Job):
    def run(self, fileStore):
        return "part"


class Whole(Job):
    def __init__(self):
        self.part = Part()
        super().__init__(cores=0.5)
        self.addChild(self.part)
        self.number = 3

    def run(self, fileStore):
        assert isinstance(self.part, Part)
        assert self.preemptible is False
        path = self.fileStore.getLocalTempFile()
        with open(path, "w") as out:
            out.write("content")
        text = str(fileStore.writeGlobalFile(path))
        return text, self.number


def collect(job, text, part, number):
    with job.fileStore.readGlobalFileStream(text, encoding="utf-8") as stream:
        return [stream.read(), part, number]


def main(job):
    whole = job.addChild(Whole())
    return job.addFollowOnJobFn(collect, whole.rv(0), whole.part.rv(), number=whole.rv(1)).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(main)))
