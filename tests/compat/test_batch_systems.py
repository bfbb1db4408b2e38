"""Batch systems of upstream's kind keep the core's promises."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from toil.batchSystems.abstractBatchSystem import (
    EXIT_STATUS_UNAVAILABLE_VALUE,
    AbstractBatchSystem,
    BatchJobExitReason,
    BatchSystemSupport,
    InsufficientSystemResources,
    UpdatedBatchJobInfo,
)
from toil.batchSystems.adapted import AdaptedBatchSystem, most_of
from toil.batchSystems.registry import add_batch_system_factory, get_batch_systems
from toil.bus import MessageBus
from toil.common import Config
from toil.job import JobDescription
from toil_core.api.batch_system import BatchSetup, Ended
from toil_core.model.description import JobDescription as Description
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.requirements import Resources
from toil_core.testing.batch_system import BatchSystemContract, NoHost

SCRIPT = Path(__file__).parent / "scripts" / "own_batch_system.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("own_batch_system", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class TestAdapted(BatchSystemContract):
    slots = 2

    @pytest.fixture
    def batch_system(self, script):
        most = Resources(cores=64, memory=2**40, disk=2**50)
        return AdaptedBatchSystem(lambda: script.TwoAtATime(None, most.cores, most.memory, most.disk), most)


def test_a_script_brings_its_batch_system_and_names_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), "file:store", "--batchSystem", "two_at_a_time"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["10", *["started add 0.5"] * 3, "started main 1"]


def test_a_batch_system_has_one_name_and_no_plugins_name(script):
    assert "two_at_a_time" in get_batch_systems()
    add_batch_system_factory("two_at_a_time", lambda: script.TwoAtATime)
    assert "two_at_a_time" in get_batch_systems()


def test_the_name_of_a_plugin_is_refused():
    code = "from toil.batchSystems.registry import add_batch_system_factory as add; import toil_core.errors as e\n"
    code += "from toil.batchSystems.abstractBatchSystem import AbstractBatchSystem\n"
    code += "try: add('single_machine', lambda: AbstractBatchSystem)\nexcept e.PluginError as error: print(error)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert 'Two plugins provide the batch system "single_machine"' in done.stdout, done.stderr


class Dying(BatchSystemSupport):
    """Tells of one job, and then of nothing ever again."""

    issued = threading.Event()

    def issueBatchJob(self, command, job_desc, job_environment=None):
        self.issued.set()
        return 7

    def killBatchJobs(self, jobIDs):
        raise AssertionError("nothing runs")

    def getUpdatedBatchJob(self, maxWait):
        self.issued.wait()
        raise ConnectionError("the queue is gone")

    def shutdown(self):
        pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_batch_system_that_stops_telling_loses_its_jobs_and_gets_no_more(tmp_path):
    reports, ended = [], threading.Event()
    batch = AdaptedBatchSystem(lambda: Dying(None, 1, 1, 1), Resources())

    def report(update):
        reports.append(update)
        ended.set()

    batch.start(BatchSetup("run", "file:store", tmp_path, NoHost()), report)
    order = WorkOrder(AttemptId("1.1"), Description(JobId("1"), "job", "m:f"), Resources())
    batch.issue([order])
    assert ended.wait(60)
    assert isinstance(reports[0], Ended)
    assert reports[0].kind is FailureKind.LOST
    assert "stopped telling" in reports[0].detail
    batch._watcher.join()
    with pytest.raises(Exception, match="stopped telling"):
        batch.issue([order])
    batch.shutdown()


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (BatchJobExitReason.MEMLIMIT, FailureKind.MEMORY),
        (BatchJobExitReason.MAXJOBDURATION, FailureKind.TIME),
        (BatchJobExitReason.KILLED, FailureKind.LOST),
        (None, FailureKind.LOST),
    ],
)
def test_the_reason_of_an_end_is_told_in_the_cores_words(reason, kind):
    reports = []
    batch = AdaptedBatchSystem(lambda: None, Resources())
    batch._report, batch._attempts = reports.append, {3: AttemptId("1.1")}
    batch._tell(UpdatedBatchJobInfo(3, EXIT_STATUS_UNAVAILABLE_VALUE, exitReason=reason))
    (ended,) = reports
    assert (ended.kind, ended.exit_status) == (kind, 255)
    assert reason is None or reason.name.lower() in ended.detail


def test_a_job_that_asks_for_too_much_is_refused():
    system = Dying(None, 2, 100, 100)
    system.check_resource_request(JobDescription({"cores": 2, "memory": 100, "disk": 100}, "fits"))
    with pytest.raises(InsufficientSystemResources, match="more memory than"):
        system.check_resource_request(JobDescription({"cores": 2, "memory": 101, "disk": 100}, "big"))


def test_what_nobody_asks_for_has_an_answer():
    system = Dying(None, 1, 1, 1)
    assert not AbstractBatchSystem.supportsAutoDeployment()
    assert not AbstractBatchSystem.supportsWorkerCleanup()
    assert (system.getIssuedBatchJobIDs(), system.getRunningBatchJobIDs()) == ([], {})
    answers = [
        system.getSchedulingStatusMessage(),
        system.setEnv("name"),
        system.setUserScript(None),
        system.set_message_bus(MessageBus()),
        AbstractBatchSystem.add_options(None),
        AbstractBatchSystem.setOptions(None),
    ]
    assert answers == [None] * 6


def test_options_bound_what_a_job_may_ask_for(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    config = Config()
    config.maxMemory = 500
    most = most_of(config)
    assert (most.cores, most.memory) == (config.maxCores, 500) == (2**63 - 1, 500)
