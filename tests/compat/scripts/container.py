"""Commands in containers."""

import os
import threading

from toil.common import Toil
from toil.job import Job
from toil.lib.docker import (
    FORGO,
    RM,
    STOP,
    ContainerError,
    apiDockerCall,
    containerIsRunning,
    dockerKill,
    dockerStop,
    getContainerName,
)
from toil_core.errors import ToilError


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
        parameters=["sh", "-c", "echo $GREETING; ls /given; echo problem >&2"],
        environment={"GREETING": "hello"},
        volumes={job.tempDir: {"bind": "/given", "mode": "ro"}},
        stderr=True,
        network_mode="none",
    )
    name = getContainerName(job)
    assert containerIsRunning(name) is None
    dockerKill(name)
    dockerStop(name)
    return inside.decode().split()


def failing(job, image):
    try:
        apiDockerCall(job, image, ["sh", "-c", "echo problem >&2; exit 3"], network="none")
    except ContainerError as error:
        return error.exit_status, "problem" in str(error)
    raise AssertionError("a command that fails passed")


def waiting(job, image):
    """Asks for a container while it runs, by its name, and stops it."""
    name = getContainerName(job)
    os.mkfifo(os.path.join(job.tempDir, "up"))

    def watch():
        with open(os.path.join(job.tempDir, "up")) as up:
            up.read()
        seen.append(containerIsRunning(name))
        dockerStop(name)

    seen = []
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        command = ["-c", "echo > /data/up; sleep 600"]
        apiDockerCall(
            job,
            image,
            command,
            entrypoint="sh",
            containerName=name,
            working_dir=job.tempDir,
            deferParam=STOP,
            network="none",
        )
    except ContainerError:
        watcher.join()
        return [*seen, containerIsRunning(name)]
    raise AssertionError("a container that was stopped passed")


def printing(job, image):
    both = apiDockerCall(
        job, image, ["-c", "echo out; echo err >&2"], entrypoint=["sh"], demux=True, network="none", deferParam=RM
    )
    lines = apiDockerCall(job, image, ["sh", "-c", "echo a; echo b"], stream=True, network="none", deferParam=FORGO)
    problems = apiDockerCall(
        job, image, ["echo out; echo err >&2"], entrypoint="sh -c", stdout=False, stderr=True, network="none"
    )
    place = job.fileStore.getLocalTempDir()
    with open(os.path.join(place, "in"), "w") as out:
        out.write("content")
    volumes = {place: {"bind": "/elsewhere", "mode": "rw"}}
    content = apiDockerCall(job, image, ["cat", "in"], working_dir=place, volumes=volumes, network="none")
    return both, list(lines), problems, content


def detached(job, image):
    """Goes on beside a container, that waits for what the job does next."""
    os.mkfifo(os.path.join(job.tempDir, "go"))
    begun = apiDockerCall(
        job,
        image,
        ["-c", "read word < /data/go; echo got $word; exit 3"],
        entrypoint="sh",
        detach=True,
        working_dir=job.tempDir,
        network="none",
    )
    with open(os.path.join(job.tempDir, "go"), "w") as out:  # waits until the container reads
        running = begun.status
        out.write("it\n")
    begun.reload()
    found = [running, begun.wait(timeout=60)["StatusCode"], begun.status, begun.logs(), begun.logs(stdout=False)]
    begun.remove()
    for end in ("kill", "stop"):
        endless = sleeping(job, image)
        getattr(endless, end)()
        assert endless.status == "exited"
    left = sleeping(job, image)
    try:
        left.remove()
    except ToilError:
        return found  # and the container ends with the job
    raise AssertionError("a container that runs was removed")


def sleeping(job, image):
    place = job.fileStore.getLocalTempDir()
    os.mkfifo(os.path.join(place, "up"))
    command = ["sh", "-c", "echo > /data/up; sleep 600"]
    begun = apiDockerCall(job, image, command, detach=True, working_dir=place, network="none")
    with open(os.path.join(place, "up")) as up:
        up.read()
    return begun


def main(job, image, place):
    direct = job.addChildJobFn(
        apiDockerCall, image=image, working_dir=place, parameters=["cat", "/data/in"], network="none"
    )
    functions = (listing, variables, failing, waiting, printing, detached)
    return [job.addChildJobFn(function, image).rv() for function in functions] + [direct.rv()]


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--image")
    options = parser.parse_args()
    with Toil(options) as toil:
        found = toil.start(Job.wrapJobFn(main, options.image, os.getcwd()))
    print(found)
