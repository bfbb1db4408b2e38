"""Leaders as processes of their own, and what is true of a run whatever was killed."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from toil_core.engine.inspection import inspect
from toil_core.engine.node import DONE, RAN
from toil_core.errors import ToilError
from toil_core.local.file_storage import FileStorage
from toil_core.store.job_store import JobStore

HERE = Path(__file__).parent
PATIENCE = 60.0
"""Seconds after which something hangs."""


class Chaos:
    """One run of the workload, its store, and all processes that ever worked for it."""

    def __init__(self, folder: Path, module: str = "workload", splits: int = 18) -> None:
        self.folder = folder
        self.module = module
        self.splits = splits
        self.store = folder / "store"
        self.side = folder / "side"
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.side.touch()
        self.mark = uuid.uuid4().hex
        self.leaders: list[subprocess.Popen[str]] = []
        self.known_finished: set[str] = set()
        self._begun_then = 0

    def lead(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a leader in a process group of its own."""
        environment = {
            **os.environ,
            "CHAOS_SIDE": str(self.side),
            "CHAOS_MARK": self.mark,
            "CHAOS_SPLITS": str(self.splits),
            "PYTHONPATH": str(HERE),
        }
        leader = subprocess.Popen(
            [sys.executable, "-m", self.module, str(self.store), str(self.work), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.leaders.append(leader)
        return leader

    def finish(self, leader: subprocess.Popen[str]) -> list[str]:
        """Wait for a leader to succeed; what it printed."""
        out, err = leader.communicate(timeout=PATIENCE)
        assert leader.returncode == 0, err
        result: list[str] = json.loads(out)
        return result

    def bodies(self) -> list[tuple[str, str, int]]:
        """Job, attempt and process of each body that has begun."""
        lines = [line.split() for line in self.side.read_text().splitlines()]
        return [(job, attempt, int(pid)) for job, attempt, pid in lines]

    def wait_for_bodies(self, count: int, leader: subprocess.Popen[str]) -> list[tuple[str, str, int]]:
        """Wait until so many bodies have begun."""
        for _ in range(int(PATIENCE / 0.002)):
            found = self.bodies()
            if len(found) >= count or leader.poll() is not None:
                return found
            with pytest.raises(subprocess.TimeoutExpired):
                leader.wait(0.002)
        raise AssertionError("the run hangs")

    def job_store(self) -> JobStore:
        """The run's store, seen from outside."""
        return JobStore(FileStorage(str(self.store)), f"file:{self.store}", appends=True)

    def finished_jobs(self) -> set[str]:
        """The jobs whose success the journal holds."""
        store = self.job_store()
        try:
            store.open()
        except ToilError:
            return set()
        return {job for job, node in inspect(store).state.jobs.items() if RAN <= node.phase <= DONE}

    def check_no_finished_job_began_again(self) -> None:
        """Of the jobs whose success the journal held at the last check, none has begun since."""
        begun = [job for job, _, _ in self.bodies()]
        assert not self.known_finished & set(begun[self._begun_then :])
        self.known_finished, self._begun_then = self.finished_jobs(), len(self.bodies())

    def processes(self, module: str = "") -> list[psutil.Process]:
        """All processes of the run, or those of a module, by their environment, whoever is their parent."""
        found = []
        for process in psutil.process_iter():
            try:
                is_ours = process.environ().get("CHAOS_MARK") == self.mark
                if is_ours and process.status() != psutil.STATUS_ZOMBIE and (not module or module in process.cmdline()):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def kill(self, leader: subprocess.Popen[str], everyone: bool) -> None:
        """Kill a leader, alone or with all that work for it."""
        if everyone:
            self.kill_all(self.processes())
        else:
            leader.kill()
        leader.communicate(timeout=PATIENCE)

    @staticmethod
    def kill_all(processes: list[psutil.Process]) -> None:
        """Kill those that are still there."""
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def check_left(self) -> None:
        """No process, no directory and no object is left that nobody needs."""
        _, alive = psutil.wait_procs(self.processes(), timeout=10)
        assert not alive, [process.cmdline() for process in alive]
        found = inspect(self.job_store())
        assert found.damage is None
        assert found.standing == "finished"
        assert self.job_store().contents() == found.state.kept_objects()
        for prefix in ("orders/", "results/"):
            assert not list(self.job_store().storage.list(prefix))
        assert [path.name for path in self.work.iterdir() if not path.name.startswith("toil-logs")] == []

    def close(self) -> None:
        """End what a failed test left."""
        for leader in self.leaders:
            if leader.poll() is None:
                leader.kill()
            leader.communicate()
        self.kill_all(self.processes())


@pytest.fixture
def chaos(tmp_path: Path) -> Iterator[Callable[..., Chaos]]:
    made: list[Chaos] = []

    def make(name: str = "run", module: str = "workload", splits: int = 18) -> Chaos:
        made.append(Chaos(tmp_path / name, module, splits))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], list[str]]:
    """Run the workload of so many splits undisturbed; what it prints."""

    def finish(splits: int) -> list[str]:
        run = Chaos(tmp_path_factory.mktemp("undisturbed") / "run", splits=splits)
        result = run.finish(run.lead())
        assert len(run.bodies()) == 3 * splits + 6
        run.check_left()
        return result

    return finish


@pytest.fixture(scope="session")
def undisturbed(quiet: Callable[[int], list[str]]) -> list[str]:
    """What the workload of 60 jobs prints when nothing happens to it."""
    return quiet(18)
