"""What a job may ask for, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from toil_core.errors import UsageError
from toil_core.model.requirements import Accelerator
from toil_core.workflow import JobKeywords, JobSettings


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"memory": -5}, "-5 bytes"),
        ({"disk": -1}, "-1 bytes"),
        ({"memory": float("inf")}, "infinity"),
        ({"accelerators": -1}, "-1 accelerators"),
        ({"accelerators": [Accelerator(1), Accelerator(0)]}, "0 accelerators"),
        ({"time_limit": "soon"}, "not a number of seconds"),
        ({"time_limit": -3}, "seconds from 0 on: -3"),
        ({"time_limit": float("nan")}, "seconds from 0 on: nan"),
        ({"time_limit": float("inf")}, "seconds from 0 on: inf"),
        ({"retries": -1}, "-1 retries"),
        ({"retries": "2"}, "'2' retries"),
        ({"preemptible": "no"}, "preemptible='no' (it is True or False)"),
        ({"checkpoint": "no"}, "checkpoint='no' (it is True or False)"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_name_of_the_job(keywords: dict[str, Any], said: str) -> None:
    settings = JobSettings().updated(**keywords)
    with pytest.raises(UsageError, match='job "mine" asks for') as caught:
        settings.requirements("mine")
    assert said in caught.value.message


@pytest.mark.parametrize(("value", "meant"), [(True, True), (0, False), ("False", False), ("true", True)])
def test_preemptible_may_be_a_word_of_a_configuration(value: Any, meant: bool) -> None:
    keywords: JobKeywords = {"preemptible": value}
    assert JobSettings().updated(**keywords).requirements("mine").preemptible is meant
