"""What options and requirements change in the command line of a container."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from toil_core.api.job import JobFailure
from toil_core.model.requirements import Accelerator, Resources
from toil_cwl import door
from toil_cwl.options import CwlOptions

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#"}}
requirements: {{{requirements}}}
baseCommand: [tool, --flag]
inputs: []
outputs: []
"""
CONTAINER = "DockerRequirement: {dockerPull: image-of-tool}, ResourceRequirement: {ramMin: 300, coresMin: 1}"


@pytest.fixture
def words(toil_cwl, tmp_path, recording_docker):
    """The command line that a tool with these requirements leads to."""

    def run(*flags, requirements=CONTAINER, **variables):
        (tmp_path / "tool.cwl").write_text(TOOL.format(requirements=requirements))
        told = toil_cwl("--enable-ext", *flags, "tool.cwl", contained=True, **recording_docker.variables, **variables)
        assert told.code == 0, told.text
        return recording_docker.words

    return run


@pytest.fixture
def built(tmp_path, recording_docker, monkeypatch):
    """The same without the command: in this process, for options as the command reads them."""
    monkeypatch.setenv("PATH", recording_docker.variables["PATH"])

    def run(requirements=CONTAINER, devices=0, **options):
        chosen = CwlOptions(enable_ext=True, **options)
        (tmp_path / "tool.cwl").write_text(TOOL.format(requirements=requirements))
        root = door.load_document((tmp_path / "tool.cwl").as_uri(), chosen).root
        attempt = SimpleNamespace(
            files=None,
            work_dir=tmp_path,
            job=SimpleNamespace(name="tool"),
            resources=Resources(accelerators=(Accelerator(devices),) if devices else ()),
            on_abort=lambda command: None,
        )
        door.run_tool(root, {}, attempt, chosen, {})
        return recording_docker.words if "DockerRequirement" in requirements else []

    return run


def starting(words, start):
    return [word for word in words if word.startswith(start)]


def test_a_container_is_alone_as_we_are_and_cannot_change_its_image(words):
    found = words()
    assert found[0] == "run"
    assert found[-3:] == ["image-of-tool", "tool", "--flag"]
    assert "--net=none" in found
    assert "--read-only=true" in found
    assert f"--user={os.geteuid()}:{os.getegid()}" in found
    assert "--rm" in found
    for start in ("--memory", "--cpus", "--shm-size", "--gpus", "--env=OURS"):
        assert starting(found, start) == []


def test_options_say_what_containers_get(words, recording_docker):
    flags = ["--strict-memory-limit", "--strict-cpu-limit", "--no-match-user", "--no-read-only", "--custom-net=ours"]
    network = "NetworkAccess: {networkAccess: true}, cwltool:ShmSize: {shmSize: 128m}"
    found = words(*flags, "--preserve-environment=OURS", requirements=f"{CONTAINER}, {network}", OURS="kept")
    assert "--memory=300m" in found
    assert starting(found, "--cpus=1")
    assert "--net=ours" in found
    assert "--shm-size=128m" in found
    assert starting(found, "--user") == starting(found, "--read-only") == []
    assert "--env=OURS" in found  # its value is in the engine's environment
    assert "OURS=kept" in recording_docker.environment


def test_a_tool_that_asks_for_the_network_gets_it(built):
    network = "NetworkAccess: {networkAccess: true}"
    assert starting(built(f"{CONTAINER}, {network}"), "--net") == []
    network = "InlineJavascriptRequirement: {}, NetworkAccess: {networkAccess: $(1 > 2)}"
    assert "--net=none" in built(f"{CONTAINER}, {network}")


def test_the_network_that_an_option_names_is_for_those_that_ask_for_one(built):
    assert "--net=none" in built(custom_net="ours")


def test_the_whole_environment_is_kept_on_request(built, recording_docker, monkeypatch):
    monkeypatch.setenv("OURS", "kept")
    assert "--env=OURS" in built(preserve_entire_environment=True)
    assert "OURS=kept" in recording_docker.environment


def test_a_tool_without_a_container_runs_in_the_default_one(words):
    found = words("--default-container=image-of-ours", requirements="")
    assert found[-3:] == ["image-of-ours", "tool", "--flag"]


def test_a_command_of_ones_own_runs_containers(words, recording_docker):
    recording_docker.install("udocker")
    found = words("--user-space-docker-cmd=udocker")
    assert (recording_docker.folder / "name").read_text() == "udocker\n"
    assert found[-3:] == ["image-of-tool", "tool", "--flag"]


def test_podman_is_called_where_it_is_asked_for(words, recording_docker):
    recording_docker.install("podman")
    words("--podman")
    assert (recording_docker.folder / "name").read_text() == "podman\n"


@pytest.mark.parametrize("pulls", [0, 1])
def test_an_image_that_is_here_is_pulled_on_request_only(built, recording_docker, pulls):
    built(f"DockerRequirement: {{dockerPull: image-{pulls}}}", force_docker_pull=bool(pulls))
    assert recording_docker.calls.count(f"pull image-{pulls}") == pulls


@pytest.mark.parametrize(("engine", "word"), [("docker", "--gpus=2"), ("podman", "--device=nvidia.com/gpu=1")])
def test_a_container_gets_the_devices_that_its_tool_asks_for(built, recording_docker, engine, word):
    recording_docker.install(engine)
    smi = recording_docker.folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '<x><cuda_version>12.0</cuda_version><attached_gpus>2</attached_gpus></x>'\n")
    smi.chmod(0o755)
    asked = 'cwltool:CUDARequirement: {cudaVersionMin: "11.0", cudaComputeCapability: "3.0", cudaDeviceCountMin: 2}'
    assert word in built(f"{CONTAINER}, {asked}", podman=engine == "podman")


@pytest.mark.parametrize(
    ("engine", "word"), [("docker", '--gpus="device=3,1"'), ("podman", "--device=nvidia.com/gpu=3")]
)
def test_a_container_gets_the_devices_of_its_job(built, recording_docker, monkeypatch, engine, word):
    recording_docker.install(engine)
    smi = recording_docker.folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '<x><cuda_version>12.0</cuda_version><attached_gpus>4</attached_gpus></x>'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    asked = 'cwltool:CUDARequirement: {cudaVersionMin: "11.0", cudaComputeCapability: "3.0", cudaDeviceCountMin: 2}'
    assert word in built(f"{CONTAINER}, {asked}", podman=engine == "podman")


def test_a_tool_without_a_container_sees_the_devices_of_its_job(built, recording_docker, tmp_path, monkeypatch):
    smi = recording_docker.folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '<x><cuda_version>12.0</cuda_version><attached_gpus>4</attached_gpus></x>'\n")
    tool = recording_docker.folder / "tool"
    tool.write_text("#!/bin/sh\necho seen=$CUDA_VISIBLE_DEVICES >seen\n")
    for program in (smi, tool):
        program.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-7")
    built('cwltool:CUDARequirement: {cudaVersionMin: "11.0", cudaComputeCapability: "3.0"}', devices=1)
    assert (tmp_path / "out" / "seen").read_text() == "seen=GPU-7\n"


def test_devices_of_another_kind_are_told_of(built, recording_docker):
    smi = recording_docker.folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '<x><cuda_version>12.0</cuda_version><attached_gpus>2</attached_gpus></x>'\n")
    smi.chmod(0o755)
    asked = 'cwltool:CUDARequirement: {cudaVersionMin: "13.0", cudaComputeCapability: "3.0"}'
    with pytest.raises(JobFailure, match=r"asks for devices with CUDA 13.0 .* there are 2 with CUDA 12.0"):
        built(f"{CONTAINER}, {asked}")
    smi.unlink()
    with pytest.raises(JobFailure, match="nvidia-smi tells of none"):
        built(f"{CONTAINER}, {asked}")
