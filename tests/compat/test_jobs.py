"""Jobs before they run: requirements, graphs, promises."""

from __future__ import annotations

import logging
import operator

import pytest

from toil.exceptions import (
    ConflictingPredecessorError,
    JobException,
    JobGraphDeadlockException,
    JobPromiseConstraintError,
)
from toil.job import (
    AcceleratorRequirement,
    EncapsulatedJob,
    FunctionWrappingJob,
    Job,
    JobFunctionWrappingJob,
    Promise,
    Promised,
    PromisedRequirement,
    PromisedRequirementFunctionWrappingJob,
    PromisedRequirementJobFunctionWrappingJob,
    ServiceHostJob,
    parse_accelerator,
    unwrap,
    unwrap_all,
)
from toil_core.errors import UsageError
from toil_core.workflow import Computed


def plain(memory="1G", cores=2, disk="3Gi", checkpoint=True):
    return memory


def with_job(job, preemptable=False, displayName=""):
    return preemptable, displayName


def test_requirements_come_from_keywords_and_then_from_the_function():
    job = Job.wrapFn(plain, memory="2G", cores=0.5)
    assert (job.memory, job.cores, job.disk, job.checkpoint) == (2 * 10**9, 0.5, 3 * 1024**3, True)
    assert isinstance(job, FunctionWrappingJob)
    assert job.run(None) == "1G"


def test_a_keyword_that_a_function_cannot_do_without_is_handed_on():
    assert Job.wrapFn(operator.attrgetter("real"), 5).run(None) == 5

    def needs(memory):
        return memory

    job = Job.wrapFn(needs, memory=77)
    assert (job.memory, job.run(None)) == (77, 77)


def test_both_spellings_of_preemptible_are_one_requirement():
    assert Job(preemptable=True).preemptible is True
    assert Job(preemptible=True).preemptable is True
    assert Job(preemptible=False, preemptable=True).preemptible is False
    assert Job.wrapFn(plain, preemptable=True).preemptible is True


def test_a_function_gets_the_keywords_that_it_shares_with_its_job():
    job = Job.wrapJobFn(with_job, preemptable=True, displayName="shown")
    assert (job.preemptible, str(job)) == (True, "Job('shown')")
    assert job.run(None) == (True, "shown")
    assert isinstance(job, JobFunctionWrappingJob)


def test_a_job_is_called_by_its_class_its_function_or_its_display_and_unit_name():
    class Named(Job):
        def __init__(self):
            """Forgets the constructor of its base."""

    assert [str(job) for job in (Job(), Named(), Job.wrapFn(plain))] == ["Job('Job')", "Job('Named')", "Job('plain')"]
    assert str(Job(displayName="align", unitName="chr1")) == "Job('align chr1')"


def test_jobs_services_and_promises_are_shown_by_their_names():
    job = Job.wrapJobFn(with_job)
    assert (repr(job), str(job), repr([Job()])) == ("Job('with_job')", "Job('with_job')", "[Job('Job')]")
    assert f"{job.rv()} and {job.rv('a', 0)}" == "<promise of with_job> and <promise of with_job['a'][0]>"


def test_requirements_can_be_set_later():
    job = Job(checkpoint=True)
    assert (job.memory, job.cores, job.disk) == (None, None, None)
    job.memory, job.cores, job.disk = "1Mi", 3, 5
    assert (job.memory, job.cores, job.disk, job.checkpoint) == (1024**2, 3, 5, True)
    job.preemptable, job.accelerators, job.walltime, job.checkpoint = True, "gpu", 60, False
    assert (job.preemptible, job.accelerators, job.walltime, job.checkpoint) == (
        True,
        [{"count": 1, "kind": "gpu"}],
        60,
        False,
    )
    assert job.memory == 1024**2


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (2, {"count": 2, "kind": "gpu"}),
        ("gpu", {"count": 1, "kind": "gpu"}),
        ("3", {"count": 3, "kind": "gpu"}),
        ("nvidia:2", {"count": 2, "kind": "gpu", "brand": "nvidia"}),
        ("rocm", {"count": 1, "kind": "gpu", "brand": "amd", "api": "rocm"}),
        ("cuda:1", {"count": 1, "kind": "gpu", "brand": "nvidia", "api": "cuda"}),
        ("nvidia-tesla-k80:1", {"count": 1, "kind": "gpu", "brand": "nvidia", "model": "nvidia-tesla-k80"}),
        ({"count": 4, "brand": "amd"}, {"count": 4, "kind": "gpu", "brand": "amd"}),
    ],
)
def test_accelerators_are_understood_as_upstream_writes_them(spec, expected: AcceleratorRequirement):
    assert parse_accelerator(spec) == expected
    job = Job(accelerators=spec)
    assert job.accelerators == [expected]
    assert Job(accelerators=[spec, *job.accelerators]).accelerators == [expected, expected]


def test_no_accelerators_are_none_and_less_than_none_is_refused():
    for nothing in (0, "", [], False):
        assert Job(accelerators=nothing).accelerators == []
    with pytest.raises(UsageError, match="ask for -1 devices"):
        Job(accelerators=-1)


def test_children_and_follow_ons_know_each_other():
    root = Job()
    child = root.addChildJobFn(with_job)
    other = root.addChildFn(plain)
    later = root.addFollowOnJobFn(with_job)
    last = root.addFollowOnFn(plain)
    below = child.addChild(Job())
    after = other.addFollowOn(below)
    assert after is below
    assert root.hasChild(child)
    assert not root.hasChild(later)
    assert root.hasFollowOn(later)
    assert not root.hasFollowOn(below)
    assert below.hasPredecessor(other)
    assert not below.hasPredecessor(root)
    assert below.getRootJobs() == {root}
    assert root.getTopologicalOrderingOfJobs() == [root, child, other, below, later, last]
    assert not root.hasService(None)
    root.prepareForPromiseRegistration(None)
    assert issubclass(ConflictingPredecessorError, JobException)


def test_what_is_added_to_an_encapsulated_job_is_not_added_to_the_job_inside():
    inner = Job()
    whole = inner.encapsulate()
    child = whole.addChild(Job())
    assert isinstance(whole, EncapsulatedJob)
    assert whole.hasChild(child)
    assert not inner.hasChild(child)
    assert whole.rv().producer is inner.rv().producer


@pytest.mark.parametrize(
    "check",
    [
        Job.checkJobGraphForDeadlocks,
        Job.checkJobGraphConnected,
        Job.checkJobGraphAcylic,
        Job.checkNewCheckpointsAreLeafVertices,
    ],
)
def test_graphs_that_could_never_finish_are_found(check):
    fine = Job()
    fine.addChild(Job.wrapFn(plain))
    check(fine)
    circle = Job()
    one = circle.addChild(Job())
    one.addChild(Job()).addChild(one)
    with pytest.raises(JobGraphDeadlockException, match="circle"):
        check(circle)
    two_roots = Job()
    Job().addChild(two_roots.addChild(Job()))
    with pytest.raises(JobGraphDeadlockException, match="one root, and this has 2"):
        check(two_roots)
    checkpoint = Job()
    checkpoint.addChild(Job(checkpoint=True)).addChild(Job())
    with pytest.raises(JobGraphDeadlockException, match="checkpoint"):
        check(checkpoint)


def test_a_promise_is_told_from_a_value():
    promise: Promised[int] = Job().rv(0)
    assert isinstance(promise, Promise)
    assert unwrap(3) == 3
    assert unwrap_all([1, 2]) == [1, 2]
    with pytest.raises(JobPromiseConstraintError, match='promise of "Job"'):
        unwrap(promise)
    with pytest.raises(JobPromiseConstraintError):
        unwrap_all([1, promise])


def test_a_promised_requirement_is_a_promise_or_a_function_of_promises():
    promise = Job().rv()
    assert PromisedRequirement(5).getValue() == 5
    assert PromisedRequirement(lambda a, b: a + b, 2, 3).getValue() == 5
    assert PromisedRequirement(lambda a, b: a + b, 2, 3).computed().value() == 5
    with pytest.raises(JobPromiseConstraintError):
        PromisedRequirement(promise).getValue()
    with pytest.raises(JobPromiseConstraintError, match="is no function"):
        PromisedRequirement(5, promise)


def test_a_job_with_a_promised_requirement_is_of_a_kind_of_its_own():
    promise = Job().rv()
    by_promise = Job.wrapFn(plain, memory=promise)
    by_function = Job.wrapJobFn(with_job, disk=PromisedRequirement(max, promise, 3))
    assert isinstance(by_promise, PromisedRequirementFunctionWrappingJob)
    assert isinstance(by_function, PromisedRequirementJobFunctionWrappingJob)
    assert by_promise.memory is promise
    assert isinstance(by_function.disk, Computed)
    for promised in (promise, PromisedRequirement(promise)):
        assert isinstance(Job(accelerators=promised).accelerators, Computed)


@pytest.mark.parametrize(
    "use",
    [
        lambda job: job.fileStore,
        lambda job: job.tempDir,
        lambda job: job.jobStoreID,
        lambda job: job.log("text", logging.INFO),
        lambda job: job.defer(print),
    ],
)
def test_what_only_a_running_job_has_is_refused_before(use):
    with pytest.raises(JobException, match="does not run here"):
        use(Job())


def test_a_job_knows_its_services():
    root, database = Job(), Job.Service(memory="1G", unitName="db")
    assert not root.hasService(database)
    assert isinstance(root.addService(database), Promise)
    assert root.hasService(database)
    assert str(database) == "Service('Service db')"
    front = Job.Service()
    root.addService(front, parentService=database)
    assert root.hasService(front)


def test_a_service_serves_one_job_and_its_parent_the_same():
    root, database = Job(), Job.Service()
    root.addService(database)
    with pytest.raises(JobException, match="already"):
        root.addChild(Job()).addService(database)
    with pytest.raises(JobException, match="is no service of"):
        Job().addService(Job.Service(), parentService=database)
    with pytest.raises(UsageError, match="not a service"):
        root.addService(Job())


def test_jobs_are_not_added_to_the_job_of_a_service():
    for add in (ServiceHostJob.addChild, ServiceHostJob.addFollowOn, ServiceHostJob.addService):
        with pytest.raises(JobException, match="adds no jobs"):
            add(ServiceHostJob(), Job())


def test_a_service_has_to_say_what_it_does():
    for call in (lambda one: one.start(None), lambda one: one.stop(None), lambda one: one.check()):
        with pytest.raises(NotImplementedError, match="of its own"):
            call(Job.Service())


def test_what_is_no_job_cannot_be_added():
    with pytest.raises(UsageError, match=r"not a job.*wrapJobFn"):
        Job().addChild(plain)


def test_what_is_no_function_cannot_be_wrapped():
    for wrap in (Job.wrapFn, Job.wrapJobFn, Job().addChildFn):
        with pytest.raises(JobException, match="not a function: 5"):
            wrap(5, "x")
