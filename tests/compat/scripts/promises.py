"""Promises between static jobs, of parts of values, and through encapsulation."""

from toil.common import Toil
from toil.job import Job, Promise, unwrap


def increment(job, number):
    job.log(f"number is {number}", level=100)
    return number + 1


def described(job, number):
    return {"number": number, "list": [number, {"deep": number * 10}]}


def total(job, *numbers):
    return sum(unwrap(number) for number in numbers)


def binary(job, depth, message=""):
    if depth > 0:
        halves = [job.addChildJobFn(binary, depth - 1, message + bit).rv() for bit in "01"]
        return job.addFollowOnFn(merge, halves).rv()
    return [message]


def merge(lists):
    return lists[0] + lists[1]


def main(job):
    one = Job.wrapJobFn(increment, 1)
    two = one.addChildJobFn(increment, one.rv())
    three = one.addFollowOnJobFn(increment, two.rv())
    job.addChild(one)
    parts = job.addChildJobFn(described, 7)
    assert isinstance(parts.rv(), Promise)
    sums = job.addFollowOnJobFn(total, three.rv(), parts.rv("number"), parts.rv("list", 1, "deep"))
    strings = job.addChildJobFn(binary, 3)
    return {"sum": sums.rv(), "strings": strings.rv(), "tuple": (three.rv(), [parts.rv("list", 0)])}


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        if not toil.options.restart:
            print(toil.start(Job.wrapJobFn(main)))
        else:
            print(toil.restart())
