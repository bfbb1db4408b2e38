"""A checkpoint job is run again when something below it failed for good."""

import os

from toil.common import Toil
from toil.job import Job


def guarded(job, folder):
    with open(os.path.join(folder, "guarded"), "a") as out:
        out.write("x")
    times = os.path.getsize(os.path.join(folder, "guarded"))
    return job.addChildJobFn(fails_at_first, times).rv()


def fails_at_first(job, times):
    if times < 2:
        raise RuntimeError("the first round never works")
    return f"round {times}"


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--folder", type=os.path.abspath)
    options = parser.parse_args()
    root = Job()
    job = root.addChildJobFn(guarded, options.folder, checkpoint=True)
    last = root.addFollowOnFn(print, "value:", job.rv())
    with Toil(options) as toil:
        toil.start(root)
