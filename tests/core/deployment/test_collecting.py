"""What is collected of scripts that lie in unusual places, and what is too large to be sent."""

from __future__ import annotations

import json
import logging
import os
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

from toil_core.deployment import sending
from toil_core.deployment.archive import identity, unpack
from toil_core.deployment.collecting import Collected, OwnCode, StartedScript, collect
from toil_core.deployment.distributions import Environment
from toil_core.deployment.own_files import TOO_LARGE, UNREADABLE, LeftOut, SentFile
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
        keys = sending.send(Collected(OwnCode("", (), ()), (pytest_installed,)), storage)
    with storage.get(keys[0]) as stream:
        assert decode(Deployment, json.loads(stream.read())).parts == ()
    said = f"which must have them, being larger than 1000 B: pytest {pytest_installed.version}"
    assert said in caplog.text


def test_of_many_files_that_are_left_out_some_are_named(storage, caplog):
    with caplog.at_level(logging.WARNING, "toil"):
        left_out = (*(LeftOut(name, TOO_LARGE) for name in "abcde"), LeftOut("f", UNREADABLE))
        sending.send(Collected(OwnCode("", (), ()), (), left_out), storage)
    assert [record.message for record in caplog.records] == [
        "Not sent to workers, being files of more than 10.0 MiB that are no code: a, b, c and 2 more",
        "Not sent to workers, being files that cannot be read: f",
    ]


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


class Edited(MemoryStorage):
    """While it is asked for a part, an author saves the script."""

    script: Path

    def size(self, key):
        self.script.write_text("edited")
        return super().size(key)


def test_code_that_is_edited_while_it_is_sent_is_kept_under_its_own_name(tmp_path):
    storage = Edited(MemoryPlace())
    storage.create()
    storage.script = tmp_path / "flow.py"
    storage.script.write_text("as it was")
    files = [SentFile(str(storage.script), "0/flow.py")]
    own = OwnCode("0/flow.py", ("0",), tuple(files))
    _, key = sending.send(Collected(own, ()), storage)
    assert key == f"code/{identity(files)}"
    with storage.get(key) as archive:
        unpack(archive, tmp_path)
    assert (tmp_path / "0" / "flow.py").read_text() == "edited"
