"""Singularity and apptainer, by the command lines they are given: Debian has no package to run them from."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.api.container import ContainerRun, Mount
from toil_core.errors import ToilError
from toil_core.local.singularity_engine import SingularityEngine

PULLING = 'test "$1" = pull && echo "$3 $4" >> "$HOME/pulled" && touch "$3"'


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """The engine with a program in apptainer's place that only pulls."""
    (tmp_path / "apptainer").write_text(f"#!/bin/sh\n{PULLING}\n")
    (tmp_path / "apptainer").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("APPTAINER_CACHEDIR", str(tmp_path / "images"))
    return SingularityEngine()


def test_what_is_asked_for_is_on_the_command_line_and_values_are_not(engine):
    run = ContainerRun(
        "/images/tool.sif",
        ["samtools", "sort"],
        "job-1",
        mounts=[Mount(Path("/data"), "/in"), Mount(Path("/out"), "/out", is_writable=True)],
        work_dir="/out",
        environment={"TOKEN": "secret"},
        network="host",
        accelerators=1,
        is_read_only=True,
    )
    invocation = engine.invocation(run)
    assert list(invocation.command) == [
        *("apptainer", "--quiet", "exec", "--contain", "--ipc", "--pid", "--cleanenv", "--no-home"),
        *("--bind=/data:/in:ro", "--bind=/out:/out:rw", "--pwd=/out", "--nv"),
        *("/images/tool.sif", "samtools", "sort"),
    ]
    assert invocation.environment == {"APPTAINERENV_TOKEN": "secret", "SINGULARITYENV_TOKEN": "secret"}


def test_a_container_is_told_which_devices_are_those_of_its_job(engine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    run = ContainerRun("/images/tool.sif", ["true"], "job-1", accelerators=2)
    assert engine.invocation(run).environment["APPTAINERENV_CUDA_VISIBLE_DEVICES"] == "3,1"


def test_an_image_is_converted_once_and_run_from_its_file(engine, tmp_path):
    engine.ensure_image("debian:12")
    engine.ensure_image("debian:12")
    (pulled,) = (tmp_path / "pulled").read_text().splitlines()
    assert pulled.endswith(" docker://debian:12")
    command = engine.invocation(ContainerRun("debian:12", ["true"], "job-1")).command
    assert Path(command[-2]).parent == tmp_path / "images"
    assert Path(command[-2]).exists()


def test_an_image_file_that_is_not_there_is_told_of(engine, tmp_path):
    with pytest.raises(ToilError, match=r"There is no image .*absent\.sif"):
        engine.ensure_image(str(tmp_path / "absent.sif"))


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (ContainerRun("x.sif", ["true"], "1", network="mine"), "cannot join the network mine"),
        (ContainerRun("x.sif", ["true"], "1", mounts=[Mount(Path("/a:b"), "/in")]), "cannot mount /a:b"),
    ],
)
def test_what_it_cannot_do_is_refused(engine, run, said):
    with pytest.raises(ToilError, match=said):
        engine.invocation(run)


def test_an_engine_that_is_not_installed_is_told_of(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToilError, match="neither apptainer nor singularity"):
        SingularityEngine().check()
