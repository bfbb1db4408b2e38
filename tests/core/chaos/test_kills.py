"""Whatever is killed whenever: the same outputs, nothing finished runs again, nothing is left."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.chaos

ROUNDS = int(os.environ.get("TOIL_CHAOS_ROUNDS", "20"))

Make = Callable[..., Any]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_leader_killed_at_any_moment_costs_running_attempts_only(
    number: int, chaos: Make, undisturbed: list[str]
) -> None:
    chance = random.Random(number)
    run = chaos(module=chance.choice(["workload", "small_snapshots"]))
    arguments: list[str] = []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        leader = run.lead(*arguments)
        with contextlib.suppress(subprocess.TimeoutExpired):
            leader.wait(chance.uniform(0.15, 0.65))
        run.kill(leader, everyone=bool(number % 2))
        run.check_no_finished_job_began_again()
        if (run.store / "format").exists():
            arguments = ["--restart"]
        else:
            run.job_store().destroy()  # its making was cut short
    assert run.finish(run.lead(*arguments)) == undisturbed
    run.check_no_finished_job_began_again()
    run.check_left()


@pytest.mark.parametrize("number", range(max(1, ROUNDS // 10)))
def test_a_worker_that_is_killed_is_tried_again(number: int, chaos: Make, undisturbed: list[str]) -> None:
    chance = random.Random(number)
    run = chaos()
    leader = run.lead()
    begun = run.wait_for_bodies(chance.randrange(1, 50), leader)
    with contextlib.suppress(ProcessLookupError):
        os.kill(begun[-1][2], signal.SIGKILL)
    assert run.finish(leader) == undisturbed
    run.check_left()


@pytest.mark.parametrize("number", range(max(1, ROUNDS // 10)))
def test_the_run_goes_on_when_the_worker_host_is_killed(number: int, chaos: Make, undisturbed: list[str]) -> None:
    chance = random.Random(number)
    run = chaos()
    leader = run.lead()
    run.wait_for_bodies(chance.randrange(1, 40), leader)
    run.kill_all(psutil.Process(leader.pid).children())
    assert run.finish(leader) == undisturbed
    run.check_left()


def test_a_leader_that_died_before_it_had_written_the_first_job_costs_nothing(
    chaos: Make, undisturbed: list[str]
) -> None:
    run = chaos()
    run.job_store().create()
    assert run.finish(run.lead("--restart")) == undisturbed
    run.check_left()


def test_of_two_leaders_one_is_fenced_and_the_other_finishes(chaos: Make, undisturbed: list[str]) -> None:
    run = chaos()
    first = run.lead()
    run.wait_for_bodies(5, first)
    os.kill(first.pid, signal.SIGSTOP)
    second = run.lead("--restart")
    run.wait_for_bodies(30, second)
    os.kill(first.pid, signal.SIGCONT)
    assert run.finish(second) == undisturbed
    _, err = first.communicate(timeout=60)
    assert first.returncode == 1
    assert "Fenced: Another leader has taken over the run" in err
    run.check_left()


def test_a_store_that_is_full_says_so_and_the_run_goes_on_when_there_is_room(
    chaos: Make, undisturbed: list[str]
) -> None:
    run = chaos(module="full_disk")
    leader = run.lead()
    _, err = leader.communicate(timeout=60)
    assert leader.returncode == 1
    assert "StoreFull" in err
    assert "Traceback" not in err
    run.check_no_finished_job_began_again()
    assert run.known_finished
    assert run.finish(run.lead("--restart")) == undisturbed
    run.check_no_finished_job_began_again()
    run.check_left()
