"""Jobs that are called as the class and the function that they were made of."""

from dataclasses import dataclass

from toil.common import Toil
from toil.job import Job


@dataclass
class Found:
    number: int


class First(Job):
    def __init__(self, text):
        super().__init__(memory="100M")
        self.text = text

    def run(self, fileStore):
        return self.text, self.addChildJobFn(count, 2).rv()


class Second(First):
    def run(self, fileStore):
        assert isinstance(self.text, Found)


def count(job, number):
    job.addChild(Second(Found(number)))
    return job.addChildJobFn(count, number - 1).rv() if number else Found(number)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    First = First("first")
    count = First.addFollowOnJobFn(count, 1)
    with Toil(options) as toil:
        value = toil.start(First)
    print(value, isinstance(value[1], Found))
