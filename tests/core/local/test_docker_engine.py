"""Docker and podman: for real, and their command lines."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from toil_core.api.container import ContainerRun, Mount
from toil_core.errors import ToilError
from toil_core.local.docker_engine import DockerEngine, PodmanEngine
from toil_core.local.engine_program import one_at_a_time
from toil_core.testing import ContainerEngineContract


class TestPodman(ContainerEngineContract):
    @pytest.fixture
    def engine(self, podman_image):
        return PodmanEngine()

    @pytest.fixture
    def image(self, podman_image):
        return podman_image


class TestDocker(ContainerEngineContract):
    @pytest.fixture
    def engine(self, docker_image):
        return DockerEngine()

    @pytest.fixture
    def image(self, docker_image):
        return docker_image


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program in place of docker's that answers as it is told."""

    def make(script):
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return DockerEngine()

    return make


def test_what_is_asked_for_is_on_the_command_line(tmp_path):
    run = ContainerRun(
        "debian:stable-slim",
        ["samtools", "sort"],
        "job-1",
        mounts=[Mount(Path("/a,b"), "/in"), Mount(Path("/out"), "/out", is_writable=True)],
        work_dir="/out",
        environment={"TOKEN": "secret"},
        user="1000:1000",
        memory=2**30,
        cores=1.5,
        accelerators=2,
        is_read_only=True,
    )
    invocation = DockerEngine().invocation(run)
    assert list(invocation.command) == [
        *("docker", "run", "--rm", "--interactive", "--name=job-1", "--network=none"),
        '--mount=type=bind,"source=/a,b",target=/in,readonly',
        "--mount=type=bind,source=/out,target=/out",
        *("--env=TOKEN", "--user=1000:1000", "--workdir=/out"),
        *("--memory=1073741824b", "--memory-swap=1073741824b", "--cpus=1.5", "--gpus=2", "--read-only"),
        *("debian:stable-slim", "samtools", "sort"),
    ]
    assert invocation.environment == {"TOKEN": "secret"}


def test_variables_that_the_engine_would_act_upon_are_not_in_its_environment():
    given = {"DOCKER_HOST": "tcp://elsewhere", "HOME": "/tmp", "TOKEN": "secret"}
    invocation = DockerEngine().invocation(ContainerRun("image", ["true"], "job-1", environment=given))
    assert [word for word in invocation.command if word.startswith("--env")] == [
        *("--env=DOCKER_HOST=tcp://elsewhere", "--env=HOME=/tmp", "--env=TOKEN")
    ]
    assert invocation.environment == {"TOKEN": "secret"}


def test_podman_names_devices_one_by_one():
    command = PodmanEngine().invocation(ContainerRun("image", ["true"], "job-1", accelerators=2)).command
    assert [word for word in command if "device" in word] == ["--device=nvidia.com/gpu=0", "--device=nvidia.com/gpu=1"]


def test_a_container_gets_the_devices_of_its_job(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-1a2b")
    run = ContainerRun("image", ["true"], "job-1", accelerators=2)
    assert '--gpus="device=3,GPU-1a2b"' in DockerEngine().invocation(run).command
    podman = PodmanEngine().invocation(run).command
    assert [word for word in podman if "device" in word] == [
        *("--device=nvidia.com/gpu=3", "--device=nvidia.com/gpu=GPU-1a2b")
    ]


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToilError, match=r"no program docker here\. Try: apt-get install docker\.io"):
        DockerEngine().check()


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("Cannot connect to the Docker daemon", "systemctl start docker"),
        ("Got permission denied while trying to connect", r"usermod -aG docker"),
    ],
)
def test_a_daemon_that_cannot_be_reached_says_what_to_try(fake, said, cure):
    with pytest.raises(ToilError, match=rf"docker cannot run containers: {said}.*{cure}"):
        fake(f"echo '{said}' >&2; exit 1").check()


def test_an_image_is_pulled_once_however_many_ask_at_the_same_time(fake, tmp_path):
    engine = fake(
        f'case "$1" in image) test -e {tmp_path}/have;; '
        f"pull) echo $3 >> {tmp_path}/pulled; sleep 0.2; touch {tmp_path}/have;; esac"
    )
    threads = [threading.Thread(target=engine.ensure_image, args=("debian:12",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (tmp_path / "pulled").read_text() == "debian:12\n"


def test_the_lock_of_an_image_is_its_own():
    with one_at_a_time("debian:12"), one_at_a_time("debian:13"):
        pass
