"""What is collected of scripts that lie in unusual places, and what is too large to be sent."""

from __future__ import annotations

import json
import logging
import os
import sysconfig
from importlib.metadata import distribution

import pytest

from toil_core.deployment import sending
from toil_core.deployment.collecting import Collected, OwnCode, StartedScript, collect
from toil_core.deployment.distributions import Environment
from toil_core.errors import UsageError
from toil_core.model.deployment import Deployment
from toil_core.model.wire import decode
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage
from toil_core.workflow import PythonProgram


@pytest.fixture
def storage():
    made = MemoryStorage(MemoryPlace())
    made.create()
    return made


@pytest.fixture
def pytest_installed():
    """The distribution of pytest."""
    return Environment([str(distribution("pytest").locate_file(""))]).get("pytest")


def names(collected):
    return {one.name for one in collected.distributions}


def test_a_command_goes_without_the_commands_beside_it():
    scripts = sysconfig.get_path("scripts")
    if not os.path.exists(os.path.join(scripts, "pytest")):
        pytest.skip("pytest was installed without its command")
    collected = collect(StartedScript(scripts, file="pytest"))
    assert collected.own.script == "0/pytest"
    assert {file.name for file in collected.own.files if file.name.startswith("0/")} == {"0/pytest"}
    assert {"pytest", "iniconfig"} <= names(collected)
    assert not {"toil-core", "pluggy", "stevedore"} & names(collected)


def test_an_installed_module_that_is_started_is_part_of_its_distribution(pytest_installed):
    collected = collect(StartedScript(pytest_installed.base, module="pytest.__main__"))
    assert collected.own.script == "pytest.__main__@"
    assert not [
        file for file in collected.own.files if file.path.startswith(os.path.join(pytest_installed.base, "pytest"))
    ]
    assert "pytest" in names(collected)


def test_a_distribution_that_is_too_large_is_left_out_and_named(storage, monkeypatch, caplog, pytest_installed):
    monkeypatch.setattr(sending, "DISTRIBUTION_BYTES", 1000)
    with caplog.at_level(logging.WARNING, "toil"):
        keys = sending.send(Collected(OwnCode("", (), ()), (pytest_installed,), ()), storage)
    with storage.get(keys[0]) as stream:
        assert decode(Deployment, json.loads(stream.read())).parts == ()
    said = f"which must have them, being larger than 1000 B: pytest {pytest_installed.version}"
    assert said in caplog.text


def test_of_many_files_that_are_left_out_some_are_named(storage, caplog):
    with caplog.at_level(logging.WARNING, "toil"):
        sending.send(Collected(OwnCode("", (), ()), (), ("a", "b", "c", "d", "e")), storage)
    assert caplog.text.rstrip().endswith("that are no code: a, b, c and 2 more")


def test_code_that_cannot_be_read_is_told_of_before_anything_runs(storage, monkeypatch):
    def refuse(script):
        raise PermissionError(13, "Permission denied", "/folder/module.py")

    monkeypatch.setattr("toil_core.deployment.collecting.collect", refuse)
    monkeypatch.setattr("toil_core.deployment.started.started_script", lambda name: StartedScript())
    with pytest.raises(
        UsageError, match=r"the workflow's code cannot be read: .*'/folder/module.py'. Make it readable"
    ):
        PythonProgram(None).deploy(storage)
    assert list(storage.list("")) == []
