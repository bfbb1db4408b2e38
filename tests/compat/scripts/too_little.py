"""A job that asks for less memory than any process has."""

from toil.job import Job


class Old(Job):
    def __init__(self):
        Job.__init__(self, memory=100000, cores=1, disk=20000)

    def run(self, fileStore):
        return len(bytearray(50_000_000))


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    print(Job.Runner.startToil(Old(), options))
