"""What the commands of ``toil`` do with a run on a job store behind a network, as tests to inherit.

A script leads a run that stands still in its second job, so that there is something to look at and to stop.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from toil_core.engine.session import open_store
from toil_core.errors import Fenced, NoSuchStore
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.model.record import JobsAdded, Lead
from toil_core.plugins.manager import PluginManager
from toil_core.store.journal import Journal
from toil_core.testing import FaultProxy, Reset

SECONDS = 240
LONG = b"long\n" * 100_000
_STEPS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)
_SCRIPT = """
import sys
from toil_core.run import Run
from toil_core.workflow import job_function

@job_function(memory="50M", cores=0.1, disk="1M")
def write(context):
    context.files.write_bytes(b"long\\n" * 100_000, name="long.txt")
    context.files.write_bytes(b"small", name="small.txt")

@job_function(memory="50M", cores=0.1, disk="1M")
def stand(context, how, ready):
    print("standing")
    if how == "hang":
        import signal
        with open(ready, "w") as stream:
            stream.write("up")
        signal.pause()
    if how == "fail":
        raise ValueError("as asked")

@job_function(memory="50M", cores=0.1, disk="1M")
def plan(context, how, ready):
    context.add_child(write())
    context.add_follow_on(stand(how, ready))

with Run(job_store=sys.argv[1], clean="never", retry_count=0) as run:
    run.start(plan(sys.argv[2], sys.argv[3]))
"""
_CREATION = """
import sys
from toil_core.engine.session import open_store
from toil_core.plugins.manager import PluginManager
sys.stdin.readline()
open_store(PluginManager.load(), sys.argv[1]).create()
"""


def toil(*words: object) -> subprocess.CompletedProcess[str]:
    """What ``toil`` says."""
    program = Path(sys.executable).with_name("toil")
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=SECONDS, check=False)


@contextmanager
def standing(locator: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The leader of a run whose last job stands still."""
    script, ready = folder / "script.py", folder / "ready"
    script.write_text(_SCRIPT)
    os.mkfifo(ready)
    words = [sys.executable, str(script), locator, "hang", str(ready)]
    with (folder / "said").open("wb") as said:
        leader = subprocess.Popen(words, stderr=said)
    try:
        assert ready.read_text() == "up"
        yield leader
    finally:
        leader.kill()
        leader.wait()


def ended(locator: str, folder: Path, how: str) -> int:
    """The exit code of the leader of a run that ends by itself."""
    script = folder / "script.py"
    script.write_text(_SCRIPT)
    words = [sys.executable, str(script), locator, how, ""]
    return subprocess.run(words, capture_output=True, timeout=SECONDS, check=False).returncode


class StoreCommands:
    """``locator`` names a place where no store is; the environment says where the server is. ``through``
    gives what the environment must say for requests to go by a proxy."""

    @pytest.fixture
    def locator(self) -> str:
        raise NotImplementedError("override the fixture `locator`")

    @pytest.fixture
    def server(self) -> str:
        raise NotImplementedError("override the fixture `server`")

    def through(self, endpoint: str) -> Mapping[str, str]:
        raise NotImplementedError("override `through`")

    def test_run_that_goes_on_is_looked_at_stopped_and_removed(self, locator: str, tmp_path: Path) -> None:
        with standing(locator, tmp_path) as leader:
            told = json.loads(toil("status", "--json", locator).stdout)
            assert told["standing"] == "running"
            assert told["leader"]["pid"] == leader.pid
            assert told["jobs"]["done"] == 2
            fetched = toil("debug-file", locator, "--fetch", "*.txt", "--local-file-path", tmp_path / "got")
            assert fetched.returncode == 0, fetched.stderr
            assert (tmp_path / "got" / "long.txt").read_bytes() == LONG
            assert (tmp_path / "got" / "small.txt").read_bytes() == b"small"
            refused = toil("clean", locator)
            assert refused.returncode == 2
            assert f"toil kill {locator}" in refused.stderr
            killed = toil("kill", locator)
            assert killed.returncode == 0, killed.stderr
            assert leader.wait(SECONDS) != 0
            assert "The run was stopped; what finished is kept" in (tmp_path / "said").read_text()
        assert json.loads(toil("status", "--json", locator).stdout)["standing"] == "stopped"
        assert "Nothing runs" in toil("kill", locator).stdout
        assert "long.txt" in toil("debug-file", locator).stdout
        self._is_removed(locator)

    @pytest.mark.parametrize(("how", "standing_at_the_end"), [("well", "finished"), ("fail", "failed")])
    def test_run_that_has_ended_is_looked_at_and_removed(
        self, locator: str, tmp_path: Path, how: str, standing_at_the_end: str
    ) -> None:
        assert (ended(locator, tmp_path, how) == 0) is (how == "well")
        status = toil("status", "--json", "--fail-if-not-complete", locator)
        assert json.loads(status.stdout)["standing"] == standing_at_the_end
        assert (status.returncode == 0) is (how == "well")
        listed = json.loads(toil("debug-file", locator, "--json").stdout)
        assert {one["name"]: one["bytes"] for one in listed if one["job_name"] == "write"}["long.txt"] == len(LONG)
        if how == "fail":
            assert [one for one in listed if one["job_name"] == "stand"], "its log"
        assert f"has {standing_at_the_end}" in toil("kill", locator).stdout
        self._is_removed(locator)

    def test_leader_elsewhere_is_fenced_off(self, locator: str) -> None:
        store = open_store(PluginManager.load(), locator)
        run = store.create()
        leader = Journal(store)
        leader.read()
        jobs = JobsAdded((JobDescription(JobId("1"), "job", "module:function"),))
        assert leader.take(Lead(run, 1, "another-machine", 1, 1), jobs) == []
        assert "another machine" in toil("status", locator).stdout
        killed = toil("kill", locator)
        assert killed.returncode == 0, killed.stderr
        assert "The leader on another-machine has been fenced off" in killed.stdout
        with pytest.raises(Fenced):
            leader.commit(["what the other leader did not see"])
        self._is_removed(locator)

    def test_nothing_there_is_told(self, locator: str) -> None:
        for command in ("status", "kill", "debug-file"):
            done = toil(command, locator)
            assert (done.returncode, done.stdout) == (1, "")
            assert locator in done.stderr
            assert len(done.stderr.splitlines()) == 1
        assert toil("clean", locator).returncode == 0

    @pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
    def test_creation_that_was_killed_at_any_request_is_removed(
        self, locator: str, server: str, is_late: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Just before the server has carried it out, or just after."""
        for step in _STEPS:
            is_whole = self._killed_at(step, locator, server, is_late)
            for command in () if is_whole else ("status", "debug-file"):
                done = toil(command, locator)
                # Killed after its last request, it is whole.
                assert (done.returncode, len(done.stderr.splitlines())) in ((1, 1), *([(0, 0)] if is_late else [])), (
                    step
                )
            cleaned = toil("clean", locator)
            assert (cleaned.returncode, cleaned.stderr) == (0, ""), step
            with pytest.raises(NoSuchStore):
                open_store(PluginManager.load(), locator).storage.open()
            if is_whole:
                break
        store = open_store(PluginManager.load(), locator)
        store.create()
        store.destroy()

    def _killed_at(self, step: int, locator: str, server: str, is_late: bool) -> bool:
        """Whether the creation was over before that request."""
        with FaultProxy(server) as proxy:
            environment = {**os.environ, **self.through(proxy.endpoint)}
            words = [sys.executable, "-c", _CREATION, locator]
            with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as creator:
                requests = count()

                def strikes(_: object) -> bool:
                    if next(requests) < step:
                        return False
                    creator.send_signal(signal.SIGKILL)
                    return True

                proxy.inject(Reset(is_late), times=None, when=strikes)
                creator.communicate(b"\n", SECONDS)
            return creator.returncode == 0

    def _is_removed(self, locator: str) -> None:
        cleaned = toil("clean", locator)
        assert (cleaned.returncode, cleaned.stderr) == (0, "")
        gone = toil("status", locator)
        assert gone.returncode == 1
        assert "no job store" in gone.stderr.lower()
