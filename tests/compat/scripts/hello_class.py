"""A class as a job; options from code, started by Job.Runner.startToil."""

import os
import tempfile

from toil.job import Job


class Hello(Job):
    def __init__(self, message):
        Job.__init__(self, memory="100M", cores=1, disk="50M")
        self.message = message

    def run(self, fileStore):
        fileStore.log_to_leader(f"in {os.path.basename(os.getcwd())}")
        open("relative.txt", "w").close()  # a job works in a directory of its own
        return f"Hello, world! Here's a message: {self.message}"


if __name__ == "__main__":
    store = tempfile.mkdtemp("hello")
    os.rmdir(store)
    options = Job.Runner.getDefaultOptions(store)
    options.logLevel = "OFF"
    options.clean = "always"
    print(Job.Runner.startToil(Hello("woot"), options))
