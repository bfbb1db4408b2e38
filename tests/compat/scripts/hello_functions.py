"""Functions as jobs, with children and follow-ons."""

from toil.common import Toil
from toil.job import Job


def greet(job, message, memory="200M", cores=1, disk="100M"):
    job.log(f"Hello world, I have a message: {message}")
    return f"{message} with {job.memory} bytes, {memory} and {job.cores} cores"


def plain(message, memory="100M"):
    return f"plain {message}"


def collect(messages):
    return " / ".join(messages)


def first(job):
    one = job.addChildJobFn(greet, "second", memory="300M")
    two = job.addChildFn(plain, "third")
    last = job.addFollowOnFn(collect, [one.rv(), two.rv()])
    return last.rv()


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    options = parser.parse_args()
    options.clean = "always"
    options.logLevel = "INFO"
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(first)))
