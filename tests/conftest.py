"""What tests of several distributions share: a container image made of this machine's own programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

from private_podman import configure

pytest.register_assert_rewrite("toil_core.testing", "store_commands")  # before anything imports it
PROGRAMS = ("sh", "cat", "env", "sleep", "id", "ls", "touch", "mkdir", "wc")


@pytest.fixture(scope="session")
def podman_image():
    """A small image in a podman store of this session's own; where podman does not run, tests are skipped."""
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    # Short: podman 4.3 finds the end of a container 20 s late if the path of its store has more than 46 letters.
    place = Path(tempfile.mkdtemp(prefix="toil-podman-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in configure(place).items():
                patch.setenv(variable, value)
            image = "localhost/toil-test:latest"
            archive = make_archive(place / "root.tar")
            for command in (
                ["import", str(archive), image],
                ["run", "--rm", "--network=none", image, "sh", "-c", "true"],
            ):
                done = subprocess.run(["podman", *command], capture_output=True, text=True, check=False, timeout=120)
                if done.returncode != 0:
                    pytest.skip(f"podman does not run here: {done.stderr.strip().splitlines()[-1:]}")
            yield image
            subprocess.run(["podman", "system", "reset", "--force"], capture_output=True, check=False, timeout=120)
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def docker_image():
    """A small image in a docker daemon of this session's own; where none can run, tests are skipped."""
    for program in ("docker", "dockerd"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if os.geteuid() != 0:
        pytest.skip("only root can start a docker daemon")
    place = Path(tempfile.mkdtemp(prefix="toil-docker-"))  # short, for there are sockets in it
    daemon = start_docker(place)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", f"unix://{place}/socket")
            image = "toil-test:latest"
            run = ["run", "--rm", "--network=none", image, "sh", "-c", "true"]
            for command in (["version"], ["import", str(make_archive(place / "root.tar")), image], run):
                done = subprocess.run(["docker", *command], capture_output=True, text=True, check=False, timeout=120)
                if done.returncode != 0:
                    said = [*done.stderr.splitlines()[-1:], *(place / "log").read_text().splitlines()[-1:]]
                    pytest.skip(f"docker does not run here: {said}")
            yield image
    finally:
        daemon.terminate()
        daemon.wait(60)
        shutil.rmtree(place)


def start_docker(place):
    """A daemon that is handed its socket, so that clients may connect at once, and are refused if it dies.

    Source: sd_listen_fds(3).
    """
    (place / "daemon.json").write_text("{}")  # not the machine's
    words = [f"--data-root={place}/data", f"--exec-root={place}/exec", f"--pidfile={place}/pid", "--host=fd://"]
    words += [f"--config-file={place}/daemon.json", "--bridge=none", "--iptables=false", "--ip6tables=false"]
    script = 'LISTEN_FDS=1 LISTEN_PID=$$ exec dockerd "$@" 3<&0 </dev/null'
    with socket.socket(socket.AF_UNIX) as listener, (place / "log").open("wb") as log:
        listener.bind(f"{place}/socket")
        listener.listen()
        return subprocess.Popen(
            ["sh", "-c", script, "sh", *words], stdin=listener, stdout=log, stderr=log, start_new_session=True
        )


def make_archive(path):
    """A root folder with a few of this machine's programs and the libraries they are linked to."""
    files = set()
    for program in PROGRAMS:
        found = os.path.realpath(shutil.which(program) or program)
        linked = subprocess.run(["ldd", found], capture_output=True, text=True, check=False).stdout
        files |= {(found, f"bin/{program}")}
        files |= {(word, word[1:]) for word in linked.split() if word.startswith("/")}
    with tarfile.open(path, "w") as archive:
        for folder in ("bin", "tmp", "var", "etc", "proc", "dev", "sys", "root"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        for source, name in sorted(files):
            archive.add(os.path.realpath(source), name)
    return Path(path)
