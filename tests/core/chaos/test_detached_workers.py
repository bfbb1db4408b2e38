"""Workers that outlive their leader: what they finish counts, and what they do late harms nobody."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.chaos

ROUNDS = int(os.environ.get("TOIL_CHAOS_ROUNDS", "20"))
SPLITS = 6

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def undisturbed_detached(quiet: Callable[[int], list[str]]) -> list[str]:
    """What the smaller workload prints when nothing happens to it."""
    return quiet(SPLITS)


def test_detached_workers_do_the_same_work(chaos: Make, undisturbed_detached: list[str]) -> None:
    run = chaos(module="detached_leader", splits=SPLITS)
    assert run.finish(run.lead()) == undisturbed_detached
    run.check_left()


def test_a_result_that_was_left_after_the_leader_died_is_accepted_at_the_restart(
    chaos: Make, undisturbed_detached: list[str]
) -> None:
    run = chaos(module="detached_leader", splits=SPLITS)
    leader = run.lead()
    run.wait_for_bodies(3, leader)
    leader.kill()
    leader.communicate()
    psutil.wait_procs(run.processes("toil_core.worker"), timeout=30)
    left = {outcome.job for outcome in run.job_store().outcomes() if outcome.failure is None}
    assert left
    begun = len(run.bodies())
    assert run.finish(run.lead("--restart")) == undisturbed_detached
    assert not left & {job for job, _, _ in run.bodies()[begun:]}
    run.check_left()


def test_a_worker_that_slept_through_a_restart_and_the_end_corrupts_nothing(
    chaos: Make, undisturbed_detached: list[str]
) -> None:
    run = chaos(module="detached_leader", splits=SPLITS)
    leader = run.lead()
    run.wait_for_bodies(2, leader)
    asleep = run.processes("toil_core.worker")
    for worker in asleep:
        worker.suspend()
    leader.kill()
    leader.communicate()
    assert run.finish(run.lead("--restart")) == undisturbed_detached
    for worker in asleep:
        worker.resume()
    _, alive = psutil.wait_procs(asleep, timeout=30)
    assert not alive
    assert run.finish(run.lead("--restart")) == undisturbed_detached
    run.check_left()


@pytest.mark.parametrize("number", range(max(1, ROUNDS // 7)))
def test_a_leader_of_detached_workers_is_killed_at_any_moment(
    number: int, chaos: Make, undisturbed_detached: list[str]
) -> None:
    chance = random.Random(number)
    run = chaos(module="detached_leader", splits=SPLITS)
    leader = run.lead()
    run.wait_for_bodies(chance.randrange(1, 20), leader)
    os.kill(leader.pid, signal.SIGKILL)
    leader.communicate()
    run.check_no_finished_job_began_again()
    assert run.finish(run.lead("--restart")) == undisturbed_detached
    run.check_no_finished_job_began_again()
