"""What is added to an encapsulated job runs after all that was inside."""

import os
import sys

from toil.common import Toil
from toil.job import Job


class Note(Job):
    def __init__(self, path, text):
        self.path = path
        super().__init__(displayName=f"note {text}")
        self.text = text

    def run(self, fileStore):
        with open(self.path, "a") as notes:
            notes.write(self.text)
        return self.text


def inner(job, path):
    job.addChild(Note(path, "c")).addFollowOn(Note(path, "d"))
    with open(path, "a") as notes:
        notes.write("a")
    return "inner"


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--notes")
    options = parser.parse_args()
    path = os.path.abspath(options.notes)
    a = Job.wrapJobFn(inner, path)
    a.addChild(Job())
    a.addFollowOn(Job())
    whole = a.encapsulate()
    whole.addChild(Note(path, "y"))
    whole.addFollowOn(Note(path, "z"))
    with Toil(options) as toil:
        print(toil.start(whole))
    sys.exit(0 if open(path).read() == "acdyz" else 1)
