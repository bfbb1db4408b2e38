"""A job that waits until it is told to go on."""

import os

from toil.common import Toil
from toil.job import Job


def wait(job, folder):
    if not os.path.exists(os.path.join(folder, "go")):
        with open(os.path.join(folder, "fifo"), "w") as out:
            out.write("up")
        with open(os.path.join(folder, "fifo")) as never:
            never.read()
    return "gone on"


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.restart() if options.restart else toil.start(Job.wrapJobFn(wait, os.getcwd())))
