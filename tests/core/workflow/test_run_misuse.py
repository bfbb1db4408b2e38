"""A run that is not used as it is meant to be says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from toil_core.errors import StoreExists, UsageError
from toil_core.run import Run
from toil_core.workflow import job


@job
def nothing() -> None:
    """Nothing."""


def test_a_run_that_was_not_entered_or_was_left_says_so(tmp_path: Path) -> None:
    run = Run(job_store=str(tmp_path / "store"))
    with pytest.raises(UsageError, match=r"has not been entered.*with Run"):
        run.start(nothing())
    with run:
        pass
    with pytest.raises(UsageError, match="has been left"):
        run.import_file(__file__)


def test_a_folder_that_holds_something_else_is_not_called_a_job_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(StoreExists, match="holds something else than a job store"):
        Run(job_store=str(tmp_path)).__enter__()


def test_a_second_workflow_is_refused_and_an_illegal_one_is_none(run_script) -> None:
    done = run_script("""
from toil_core.errors import UsageError
from toil_core.run import Run
from toil_core.workflow import job

@job
def give(value):
    return value

if __name__ == "__main__":
    with Run(job_store="store", log_level="error") as run:
        circle = give(1)
        circle.add_child(circle)
        for root in (circle, give(2), give(3)):
            try:
                print(run.start(root))
            except UsageError as error:
                print(error)
""")
    illegal, value, second = done.stdout.splitlines()
    assert "cannot be the root" in illegal
    assert value == "2"
    assert second == "this run has been started already. Make another Run for another workflow"
