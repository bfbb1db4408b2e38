"""Fails until a file is there; what had finished is not done again."""

import argparse
import os
import sys

from toil.common import Toil
from toil.exceptions import FailedJobsException
from toil.job import Job


def counted(job, folder):
    with open(os.path.join(folder, "counted"), "a") as out:
        out.write("x")
    return 1


def needs_file(job, folder, before):
    job.defer(note, folder)
    if not os.path.exists(os.path.join(folder, "wanted")):
        raise RuntimeError("the wanted file is not there")
    return before + 1


def note(folder):
    with open(os.path.join(folder, "deferred"), "a") as out:
        out.write("d")


def root(job, folder):
    one = job.addChildJobFn(counted, folder)
    return one.addChildJobFn(needs_file, folder, one.rv()).rv()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=os.path.abspath)
    Job.Runner.addToilOptions(parser)
    options = parser.parse_args()
    try:
        with Toil(options) as toil:
            if toil.options.restart:
                print(toil.restart())
            else:
                print(toil.start(Job.wrapJobFn(root, options.folder)))
    except FailedJobsException as error:
        print(f"{error.numberOfFailedJobs} failed in {error.jobStoreLocator}: {error.jobs[0].message}")
        sys.exit(error.exit_code)
