"""Commands in containers."""

import os

from toil.common import Toil
from toil.job import Job
from toil.lib.docker import ContainerError, apiDockerCall, dockerKill, dockerStop, getContainerName


def listing(job, image):
    with open("input.txt", "w") as out:
        out.write("content")
    printed = apiDockerCall(
        job,
        image=image,
        parameters=["cat", os.path.abspath("input.txt"), "/data/input.txt"],
        working_dir=os.getcwd(),
        streamfile="printed",
        network="none",
    )
    with open("printed", "rb") as stream:
        assert stream.read() == printed
    return printed.decode()


def variables(job, image):
    inside = apiDockerCall(
        job,
        image=image,
        parameters=["sh", "-c", "'echo $GREETING; ls /given; echo problem >&2'"],
        environment={"GREETING": "hello"},
        volumes={job.tempDir: {"bind": "/given", "mode": "ro"}},
        stderr=True,
        network_mode="none",
    )
    name = getContainerName(job)
    dockerKill(name)
    dockerStop(name)
    return inside.decode().split()


def failing(job, image):
    try:
        apiDockerCall(job, image, ["sh", "-c", "'echo problem >&2; exit 3'"], network="none")
    except ContainerError as error:
        return error.exit_status, "problem" in str(error)
    raise AssertionError("a command that fails passed")


def main(job, image, place):
    direct = job.addChildJobFn(
        apiDockerCall, image=image, working_dir=place, parameters=["cat", "/data/in"], network="none"
    )
    return [job.addChildJobFn(function, image).rv() for function in (listing, variables, failing)] + [direct.rv()]


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--image")
    options = parser.parse_args()
    with Toil(options) as toil:
        found = toil.start(Job.wrapJobFn(main, options.image, os.getcwd()))
    print(found)
