"""The worker host and its processes, with bodies that do what bodies should not."""

from __future__ import annotations

import json
import os
import queue
import signal
from pathlib import Path

import psutil
import pytest

from toil_core.model.description import Isolation, JobDescription
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import FailureKind
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources
from toil_core.system.processes import start_time
from toil_core.worker.local_host import LocalHost
from toil_core.worker.settings import HostSettings

HERE = Path(__file__).resolve().parent
MIB = 1024**2
PATIENCE = 60
ISOLATIONS = pytest.mark.parametrize("isolation", list(Isolation), ids=lambda one: one.value)


CROWDED = """
import errno, os, time

fork, clock, left = os.fork, time.monotonic, iter(range({times}))

def crowded():
    if next(left, None) is not None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()

os.fork, time.monotonic = crowded, lambda: {speed} * clock()
"""


class Bench:
    def __init__(self, host):
        self.host = host
        self.reports = queue.SimpleQueue()
        self.count = 0

    def start(self, body, payload="", isolation=Isolation.FORK, environment=(), **resources):
        self.count += 1
        job = JobDescription(
            JobId(str(self.count)), body, f"worker_bodies:{body}", Payload(text=payload), isolation=isolation
        )
        order = WorkOrder(AttemptId(f"1.{self.count}"), job, Resources(**resources), environment=environment)
        self.host.run(order, self.reports.put)
        return order.attempt

    def ended(self):
        return self.reports.get(timeout=PATIENCE)

    def run(self, *arguments, **more):
        attempt = self.start(*arguments, **more)
        ended = self.ended()
        assert ended.attempt == attempt
        return ended

    def value(self, *arguments, **more):
        outcome = self.run(*arguments, **more).outcome
        assert outcome.failure is None, outcome.failure
        return outcome.value

    def failure(self, *arguments, **more):
        return self.run(*arguments, **more).outcome.failure


@pytest.fixture
def bench(tmp_path, store, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    work = tmp_path / "work"
    work.mkdir()
    host = LocalHost(HostSettings(store.locator, work, "run"))
    yield Bench(host)
    host.close()


@ISOLATIONS
def test_what_a_failed_job_and_its_processes_said_is_in_its_log_in_order(bench, store, isolation):
    outcome = bench.run("say", isolation=isolation).outcome
    lines = outcome.log.tail.splitlines()
    assert lines[:2] in (["one", "two"], ["two", "one"])  # two streams, one of them with a buffer
    assert [line for line in lines if line in ("three", "four", "five")] == ["three", "four", "five"]
    assert lines[-1] == "ValueError: now you know"
    assert outcome.failure.message == "ValueError: now you know"
    ref = outcome.log.file
    with store.storage.get(ref.key, ref.offset or 0, ref.size) as stream:
        assert stream.read().decode() == outcome.log.tail


@pytest.mark.parametrize("where", ["here", "tool"])
def test_a_job_that_allocates_more_than_it_asked_for_fails_and_one_that_does_not_succeeds(bench, where):
    failed = bench.failure("allocate", f"{where} 400", memory=100 * MIB)
    assert failed.kind is (FailureKind.MEMORY if where == "here" else FailureKind.ERROR)
    assert bench.value("allocate", f"{where} 30", memory=100 * MIB)
    assert bench.value("allocate", f"{where} 400", memory=100 * MIB, enforce_memory=False)


def test_a_failure_for_want_of_memory_says_what_there_was(bench):
    assert "100" in bench.failure("allocate", "here 400", memory=100 * MIB).message


@ISOLATIONS
def test_a_job_that_runs_past_its_limit_is_ended(bench, isolation):
    ended = bench.run("wait", isolation=isolation, time_limit_seconds=0.2)
    assert ended.outcome is None
    assert ended.kind is FailureKind.TIME
    assert "0.2 s" in ended.detail
    assert bench.value("who", isolation=isolation)


@ISOLATIONS
def test_nothing_that_a_job_started_outlives_it(bench, isolation):
    left = json.loads(bench.value("strays", isolation=isolation).text)
    assert len(left) == 3
    assert not [process for process in left if start_time(process)]


def test_an_outcome_of_many_megabytes_arrives(bench, store):
    ref = bench.value("big", str(5 * MIB)).file
    with store.storage.get(ref.key) as stream:
        assert stream.read() == b"x" * 5 * MIB


@ISOLATIONS
def test_the_host_outlives_a_job_that_crashes(bench, isolation):
    ended = bench.run("crash", isolation=isolation)
    assert ended.kind is FailureKind.LOST
    assert "signal 11" in ended.detail
    assert bench.value("who", isolation=isolation)


@ISOLATIONS
@pytest.mark.parametrize(("how", "said"), [("exit", "SystemExit: 3"), ("now", "status 4 and no result")])
def test_a_body_that_ends_its_process_has_failed(bench, isolation, how, said):
    ended = bench.run("leave", how, isolation=isolation)
    assert said in (ended.detail if ended.outcome is None else ended.outcome.failure.message)
    assert bench.value("who", isolation=isolation)


def test_a_body_that_closes_its_output_returns_its_value(bench):
    assert bench.value("close_output").text == "quiet"


def test_forked_jobs_have_a_process_each_and_resident_ones_share_theirs(bench):
    forked = {bench.value("who").text for _ in range(3)}
    resident = {bench.value("who", isolation=Isolation.RESIDENT).text for _ in range(3)}
    assert len(forked) == 3
    assert len(resident) == 1


@ISOLATIONS
def test_no_job_finds_what_another_left_in_its_directory(bench, isolation):
    found = [json.loads(bench.value("litter", isolation=isolation).text) for _ in range(3)]
    assert found == [[], [], []]


@ISOLATIONS
def test_what_was_to_be_run_if_a_job_ends_badly_is_run_only_then(bench, isolation, tmp_path):
    assert bench.value("abort_later", f"well {tmp_path / 'well'}", isolation=isolation).text == "well"
    assert bench.run("abort_later", f"badly {tmp_path / 'badly'}", isolation=isolation).kind is FailureKind.LOST
    assert not (tmp_path / "well").exists()
    assert (tmp_path / "badly").exists()


def test_a_host_that_is_killed_loses_its_jobs_and_another_takes_the_next(bench):
    attempts = {bench.start("wait"), bench.start("wait", isolation=Isolation.RESIDENT)}
    # Servers that multiprocessing has left behind are children too, without any of their own.
    while not (hosts := [child for child in psutil.Process().children() if len(child.children()) > 1]):
        assert psutil.Process().children()
    (host,) = hosts
    workers = host.children()
    os.kill(host.pid, signal.SIGKILL)
    lost = [bench.ended(), bench.ended()]
    assert {one.attempt for one in lost} == attempts
    assert {one.kind for one in lost} == {FailureKind.LOST}
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive
    assert bench.value("who")


def test_a_host_that_is_a_fresh_interpreter_loads_what_jobs_need_once_for_all_of_them(bench):
    first, second = (json.loads(bench.value("origin", payload).text) for payload in ("first", "second"))
    loaded_by, prepared, host = first
    assert loaded_by == host
    assert prepared == ["first"]
    assert second == first
    assert json.loads(bench.value("other_origin", "badly").text) == [host, ["first", "badly"], host]


@pytest.fixture
def crowded(bench, tmp_path, monkeypatch):
    """Has the host's next forks fail, and time pass faster for it."""

    def fail(times, speed=1):
        (tmp_path / "sitecustomize.py").write_text(CROWDED.format(times=times, speed=speed))
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{HERE}")
        return bench

    return fail


@ISOLATIONS
def test_an_attempt_waits_until_there_is_room_for_its_process(crowded, isolation):
    assert crowded(2).value("who", isolation=isolation)


def test_an_attempt_for_which_there_is_no_process_for_long_says_so(crowded):
    ended = crowded(10**9, speed=100).run("who")
    assert ended.kind is FailureKind.LOST
    assert ended.detail == "no process could be started for it: Resource temporarily unavailable"


def test_an_attempt_that_waits_for_its_process_can_be_cancelled(crowded):
    bench = crowded(10**9)
    bench.host.cancel(bench.start("who"))
    assert bench.ended().kind is FailureKind.CANCELLED


@ISOLATIONS
def test_variables_of_an_attempt_are_no_other_attempts(bench, isolation):
    environment = (("CUDA_VISIBLE_DEVICES", "3"),)
    assert bench.value("variable", "CUDA_VISIBLE_DEVICES", isolation, environment).text == "3"
    assert bench.value("variable", "CUDA_VISIBLE_DEVICES", isolation).text == ""


def test_a_body_that_cannot_be_imported_is_told_of_and_not_tried_again(bench):
    failure = bench.failure("no_such_body")
    assert failure.kind is FailureKind.PERMANENT
    assert "cannot import the job's code worker_bodies:no_such_body" in failure.message
