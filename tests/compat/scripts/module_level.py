"""Jobs and services that are made when the script is read, in a job store that it names itself."""

import os

from toil.common import Toil
from toil.job import Job
from toil.lib.io import mkdtemp


class Database(Job.Service):
    def start(self, fileStore):
        return "credentials"

    def check(self):
        return True

    def stop(self, fileStore):
        pass


def ask(credentials):
    print("asked with", credentials)
    return credentials.upper()


def told(job, answer):
    job.log(f"the answer is {answer}", level=100)
    return answer


root = Job()
credentials = root.addService(Database())
asked = root.addChildFn(ask, credentials)
root = root.encapsulate()
last = root.addFollowOnJobFn(told, asked.rv())

if __name__ == "__main__":
    store = mkdtemp("module_level")
    os.rmdir(store)
    options = Job.Runner.getDefaultOptions(store)
    options.logLevel = "OFF"
    options.clean = "always"
    with Toil(options) as toil:
        if not toil.options.restart:
            print(toil.start(root))
        else:
            print(toil.restart())
    assert not os.path.exists(store)
