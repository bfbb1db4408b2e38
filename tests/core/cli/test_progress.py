"""The progress line says what is true of the jobs that it was told of."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from toil_core.cli.progress import Progress
from toil_core.model.event import Event, EventKind
from toil_core.model.ids import AttemptId, JobId


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(clock):
    return Progress(Console(file=io.StringIO(), force_terminal=True), clock)


def tell(progress, *kinds, job="1", text=""):
    for kind in kinds:
        attempt = AttemptId(f"1.{job}") if kind is not EventKind.JOB_ADDED else None
        progress.observe(Event(kind, 0.0, JobId(job), "align", attempt, text))


def test_a_job_is_waiting_then_issued_then_done(progress):
    tell(progress, EventKind.JOB_ADDED)
    assert progress.line() == "0 done · 0 issued · 1 waiting"
    tell(progress, EventKind.JOB_ISSUED)
    assert progress.line() == "0 done · 1 issued · 0 waiting"
    tell(progress, EventKind.JOB_SUCCEEDED)
    assert progress.line() == "1 done · 0 issued · 0 waiting"


def test_where_starts_are_told_what_only_waits_for_room_is_not_running(progress):
    for job in ("1", "2", "3"):
        tell(progress, EventKind.JOB_ADDED, EventKind.JOB_ISSUED, job=job)
    tell(progress, EventKind.JOB_STARTED, job="2")
    assert progress.line() == "0 done · 1 running · 2 waiting"


def test_a_failed_attempt_makes_its_job_wait_again_until_it_failed_for_good(progress):
    tell(progress, EventKind.JOB_ADDED, EventKind.JOB_ISSUED, EventKind.JOB_STARTED, EventKind.ATTEMPT_FAILED)
    assert progress.line() == "0 done · 0 running · 1 waiting"
    tell(progress, EventKind.JOB_FAILED)
    assert progress.line() == "0 done · 0 running · 0 waiting · 1 failed"


def test_the_time_left_follows_from_the_pace_so_far(progress, clock):
    for job in ("1", "2", "3"):
        tell(progress, EventKind.JOB_ADDED, job=job)
    clock.now = 10.0
    tell(progress, EventKind.JOB_SUCCEEDED, job="1")
    assert progress.line().endswith("about 20 s left")


def test_why_nothing_starts_is_shown_until_something_does(progress):
    tell(progress, EventKind.JOB_ADDED, EventKind.STALLED, text="no node is free")
    assert progress.line().endswith("no node is free")
    tell(progress, EventKind.JOB_ISSUED)
    assert "no node is free" not in progress.line()


def test_a_storm_of_events_is_drawn_ten_times_a_second_and_its_end_is_shown(clock):
    out = io.StringIO()
    with Progress(Console(file=out, force_terminal=True, width=100), clock) as progress:
        for number in range(1000):
            tell(progress, EventKind.JOB_ADDED, job=str(number))
        timer = progress._timer
        assert timer is not None
        timer.join()
        assert "1000 waiting" in out.getvalue()
        assert out.getvalue().count("waiting") < 5
    assert not out.getvalue().endswith("waiting")


def test_jobs_that_were_only_taken_are_told_and_do_not_make_the_rest_look_quick(progress, clock):
    for job in ("1", "2", "3"):
        tell(progress, EventKind.JOB_ADDED, EventKind.JOB_ISSUED, job=job)
    clock.now = 30.0
    tell(progress, EventKind.JOB_REUSED, job="1")
    assert progress.line().startswith("1 done, 1 of them reused · 2 issued · 0 waiting")
    tell(progress, EventKind.JOB_SUCCEEDED, job="2")
    assert progress.line() == "2 done, 1 of them reused · 1 issued · 0 waiting · about 30 s left"
