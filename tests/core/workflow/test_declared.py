"""What jobs ask for is found again where the code declares it."""

from __future__ import annotations

import pytest

from toil_core.errors import UsageError
from toil_core.model.description import JobDescription
from toil_core.model.payload import Payload
from toil_core.model.requirements import Requirements
from toil_core.workflow import Job, JobSettings, job
from toil_core.workflow.compilation import compile_workflow
from toil_core.workflow.declared import Revision
from toil_core.workflow.job import node_of
from toil_core.workflow.settings import Declared


@job(memory=100, cores=2, retries=5)
def declared():
    pass


@job
def root():
    pass


def described(*jobs):
    first = root()
    for one in jobs:
        first.add_child(one)
    found = compile_workflow(node_of(first), "", lambda text: Payload(text=text))
    return found, {one.id: one.name for one in found}


@pytest.fixture
def edited(monkeypatch):
    """As if the script had been edited since."""
    settings = JobSettings(memory=300, cores=4, retries=7)
    monkeypatch.setattr(declared, "declared", Declared(declared.declared.place, settings))


def test_a_description_says_where_its_settings_are_declared_and_which_are_its_own():
    jobs, _ = described(declared(), declared().configure(memory=200, retries=1, name="other"))
    place = f"{__name__}:declared"
    assert [one.declared for one in jobs] == [f"{__name__}:root", place, f"{place} name memory retries"]


def test_the_decorator_counts_as_it_is_now_and_what_configure_gave_stays(edited):
    jobs, _ = described(declared())
    own = JobDescription(jobs[1].id, "x", "m:f", requirements=Requirements(memory=200), retries=1)
    revised = Revision(None, {}).revised
    found = [revised(jobs[1]), revised(replaced(own, f"{__name__}:declared memory retries"))]
    assert [(one.requirements.memory, one.requirements.cores, one.retries) for one in found] == [
        (300, 4, 7),
        (200, 4, 1),
    ]


def replaced(description, text):
    return JobDescription(
        description.id,
        description.name,
        description.body,
        requirements=description.requirements,
        retries=description.retries,
        declared=text,
    )


@pytest.mark.parametrize(
    "text", ["", "absent:function", f"{__name__}:absent", f"{__name__}:described", "a:b@c:d memory"]
)
def test_a_job_whose_declaration_is_gone_stays_as_it_is(text):
    before = replaced(described(declared())[0][1], text)
    assert Revision(None, {}).revised(before) is before


def test_the_graph_that_is_given_counts_if_its_jobs_have_the_names_they_began_with():
    before, names = described(Job(memory=100, name="one"), Job(memory=101, name="two"))
    now = root()
    for name in ("one", "two"):
        now.add_child(Job(memory=500, name=name))
    revised = Revision(node_of(now), names).revised
    assert [revised(one).requirements.memory for one in before] == [None, 500, 500]
    now.add_child(Job(name="three"))
    revised = Revision(node_of(now), names).revised
    assert [revised(one).requirements.memory for one in before] == [None, 100, 101]


def test_nonsense_is_refused_with_the_name_of_the_job(monkeypatch):
    jobs, _ = described(declared())
    monkeypatch.setattr(declared, "declared", Declared(declared.declared.place, JobSettings(memory="much")))
    with pytest.raises(UsageError, match='job "declared" asks for something that makes no sense'):
        Revision(None, {}).revised(jobs[1])
