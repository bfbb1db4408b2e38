"""The facts of jobs: descriptions, requirements that are scaled, flags for debugging."""

from __future__ import annotations

import copy
import pickle

import pytest

from toil.job import (
    CheckpointJobDescription,
    FilesDownloadedStoppingPointReached,
    Job,
    JobDescription,
    Requirer,
    ServiceHostJob,
    ServiceJobDescription,
    accelerator_satisfies,
    accelerators_fully_satisfy,
    parse_accelerator,
)
from toil_core.errors import UsageError


def work(job, memory="1Gi"):
    return job.memory


def test_a_job_has_a_description_and_what_is_set_there_is_set_in_the_job():
    job = Job.wrapJobFn(work, cores=2, displayName="align", unitName="chr1")
    found = job.description
    assert type(found) is JobDescription
    assert (found.jobName, found.displayName, found.unitName) == ("work", "align", "chr1")
    assert (found.get_job_kind(), str(found), found.jobStoreID) == ("align chr1", "'work' align chr1", "")
    assert found.requirements == {"memory": 1024**3, "cores": 2} == job.requirements
    found.memory = "2Gi"
    assert job.memory == 2 * 1024**3
    assert pickle.loads(pickle.dumps(job)).description.unitName == "chr1"


def test_the_kind_of_a_description_tells_what_the_job_is():
    assert isinstance(Job(checkpoint=True).description, CheckpointJobDescription)
    assert isinstance(ServiceHostJob().description, ServiceJobDescription)
    assert issubclass(ServiceJobDescription, JobDescription)
    assert issubclass(JobDescription, Requirer)
    for kind in (Job, Job.Service):
        assert issubclass(kind, Requirer)


def test_a_description_can_stand_alone():
    alone = JobDescription({"memory": "1G", "cores": 0.5, "preemptable": True}, "sort", unitName="x")
    assert (alone.memory, alone.cores, alone.disk, alone.preemptible) == (10**9, 0.5, None, True)
    alone.disk, alone.walltime = "2M", 60
    assert alone.requirements == {
        "memory": 10**9,
        "cores": 0.5,
        "disk": 2 * 10**6,
        "preemptible": True,
        "walltime": 60,
    }


def test_a_copy_has_another_amount_of_a_requirement():
    job = Job.wrapJobFn(work, cores=2, disk=5, displayName="align")
    twice = job.scale("memory", 2)
    assert (twice.memory, twice.cores, twice.disk, str(twice)) == (2 * 1024**3, 2, 5, "Job('align')")
    assert (job.memory, twice.userFunction) == (1024**3, work)
    assert job.scale("cores", 0.25).cores == 0.5
    described = job.description.scale("disk", 3)
    assert (described.disk, described.memory, job.disk) == (15, 1024**3, 5)
    service = Job.Service(memory=100, unitName="db")
    bigger = service.scale("memory", 1.5)
    assert (bigger.memory, service.memory, str(bigger)) == (150, 100, "Service('Service db')")
    for requirement in ("disk", "preemptible", "beauty"):
        with pytest.raises(UsageError, match=f"no amount of {requirement}"):
            Job(preemptible=True).scale(requirement, 2)


def test_a_copied_job_does_the_same_and_nobody_follows_it():
    job = Job.wrapJobFn(work, memory="7M", checkpoint=True)
    job.addChild(Job())
    copied = copy.copy(job)
    assert (copied.memory, copied.checkpoint, copied.getTopologicalOrderingOfJobs()) == (7 * 10**6, True, [copied])


def test_requirements_of_a_service_can_be_set_later():
    service = Job.Service()
    service.cores, service.accelerators, service.preemptable = 3, "gpu", True
    assert (service.cores, service.accelerators, service.preemptible) == (3, [{"count": 1, "kind": "gpu"}], True)


def test_flags_for_debugging_are_kept_and_stop_a_job_that_was_only_to_get_its_files():
    job = Job()
    job.files_downloaded_hook([("here", "there")])
    assert not job.has_debug_flag("download_only")
    job.set_debug_flag("download_only")
    assert pickle.loads(pickle.dumps(job)).has_debug_flag("download_only")
    with pytest.raises(FilesDownloadedStoppingPointReached) as caught:
        job.files_downloaded_hook([("here", "there")])
    assert pickle.loads(pickle.dumps(caught.value)).host_and_job_paths == [("here", "there")]


def test_files_that_a_job_will_use_are_remembered():
    assert Job(files={"a"}).files_to_use == {"a"}
    assert Job().files_to_use == set()


def test_accelerators_together_are_enough_for_what_is_asked_for():
    four, two = parse_accelerator("nvidia:4"), parse_accelerator("nvidia:2")
    assert accelerator_satisfies(four, two)
    assert not accelerator_satisfies(two, four)
    assert accelerator_satisfies(parse_accelerator("amd:4"), two, ignore=["brand"])
    assert not accelerator_satisfies(parse_accelerator("amd:4"), two)
    assert accelerators_fully_satisfy([two, two], four)
    assert not accelerators_fully_satisfy([two, parse_accelerator("amd:2")], four)
    assert accelerators_fully_satisfy([two, parse_accelerator("amd:2")], four, ignore=["brand"])
    assert not accelerators_fully_satisfy(None, two)
