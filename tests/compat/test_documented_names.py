"""Every name and keyword of upstream's documentation: it is there, or one line says what to use instead."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from toil_core.errors import UnsupportedFeature

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "compat.md"

SIGNATURES = """
toil.job:Job(memory, cores, disk, accelerators, preemptible, preemptable, walltime, unitName, checkpoint, displayName, descriptionClass, local, files)
toil.job:Job.run(fileStore)
toil.job:Job.addChild(childJob)
toil.job:Job.addFollowOn(followOnJob)
toil.job:Job.addService(service, parentService)
toil.job:Job.addChildFn(fn, *args, **kwargs)
toil.job:Job.addFollowOnFn(fn, *args, **kwargs)
toil.job:Job.addChildJobFn(fn, *args, **kwargs)
toil.job:Job.addFollowOnJobFn(fn, *args, **kwargs)
toil.job:Job.wrapFn(fn, *args, **kwargs)
toil.job:Job.wrapJobFn(fn, *args, **kwargs)
toil.job:Job.encapsulate(name)
toil.job:Job.rv(*path)
toil.job:Job.defer(function, *args, **kwargs)
toil.job:Job.log(text, level)
toil.job:Job.hasChild(childJob)
toil.job:Job.hasFollowOn(followOnJob)
toil.job:Job.hasPredecessor(job)
toil.job:Job.hasService(service)
toil.job:Job.getRootJobs()
toil.job:Job.getTopologicalOrderingOfJobs()
toil.job:Job.checkJobGraphForDeadlocks()
toil.job:Job.checkJobGraphConnected()
toil.job:Job.checkJobGraphAcylic()
toil.job:Job.checkNewCheckpointsAreLeafVertices()
toil.job:Job.prepareForPromiseRegistration(jobStore)
toil.job:Job.set_debug_flag(flag)
toil.job:Job.has_debug_flag(flag)
toil.job:Job.files_downloaded_hook(host_and_job_paths)
toil.job:Job.scale(requirement, factor)
toil.job:Job.Runner.getDefaultArgumentParser(jobstore_as_flag)
toil.job:Job.Runner.getDefaultOptions(jobStore, jobstore_as_flag)
toil.job:Job.Runner.addToilOptions(parser, jobstore_as_flag)
toil.job:Job.Runner.startToil(job, options)
toil.job:Job.Service(memory, cores, disk, accelerators, preemptible, preemptable, walltime, unitName)
toil.job:Job.Service.start(job)
toil.job:Job.Service.stop(job)
toil.job:Job.Service.check()
toil.job:FunctionWrappingJob(userFunction, *args, **kwargs)
toil.job:JobFunctionWrappingJob(userFunction, *args, **kwargs)
toil.job:PromisedRequirementFunctionWrappingJob(userFunction, *args, **kwargs)
toil.job:PromisedRequirementJobFunctionWrappingJob(userFunction, *args, **kwargs)
toil.job:EncapsulatedJob(job, unitName)
toil.job:JobDescription(requirements, jobName, unitName, displayName, local, files)
toil.job:PromisedRequirement(valueOrCallable, *args)
toil.job:PromisedRequirement.getValue()
toil.job:parse_accelerator(spec)
toil.job:accelerator_satisfies(candidate, requirement, ignore)
toil.job:accelerators_fully_satisfy(candidates, requirement, ignore)
toil.job:unwrap(p)
toil.job:unwrap_all(p)
toil.common:Toil(options, workflow_name, trs_spec)
toil.common:Toil.start(rootJob)
toil.common:Toil.restart()
toil.common:Toil.importFile(srcUrl, sharedFileName, symlink)
toil.common:Toil.import_file(src_uri, shared_file_name, symlink, check_existence)
toil.common:Toil.exportFile(jobStoreFileID, dstUrl)
toil.common:Toil.export_file(file_id, dst_uri)
toil.common:Toil.url_exists(src_uri)
toil.common:Toil.normalize_uri(uri, check_existence, dir_path)
toil.common:Toil.getJobStore(locator)
toil.common:Toil.resumeJobStore(locator)
toil.common:Toil.parseLocator(locator)
toil.common:Toil.buildLocator(name, rest)
toil.common:Toil.canonical_locator(locator, default_prefix)
toil.common:Toil.getToilWorkDir(configWorkDir)
toil.common:Config()
toil.common:Config.setOptions(options)
toil.common:addOptions(parser, jobstore_as_flag, cwl, wdl)
toil.common:parser_with_common_options(provisioner_options, jobstore_option, prog, default_log_level)
toil.common:generate_config(filepath)
toil.common:update_config(filepath, key, new_value)
toil.fileStores.abstractFileStore:AbstractFileStore.getLocalTempDir()
toil.fileStores.abstractFileStore:AbstractFileStore.getLocalTempFile(suffix, prefix)
toil.fileStores.abstractFileStore:AbstractFileStore.getLocalTempFileName(suffix, prefix)
toil.fileStores.abstractFileStore:AbstractFileStore.writeGlobalFile(localFileName, cleanup, hints)
toil.fileStores.abstractFileStore:AbstractFileStore.writeGlobalFileStream(cleanup, basename, hints, encoding, errors)
toil.fileStores.abstractFileStore:AbstractFileStore.readGlobalFile(fileStoreID, userPath, cache, mutable, symlink)
toil.fileStores.abstractFileStore:AbstractFileStore.readGlobalFileStream(fileStoreID, encoding, errors)
toil.fileStores.abstractFileStore:AbstractFileStore.getGlobalFileSize(fileStoreID)
toil.fileStores.abstractFileStore:AbstractFileStore.deleteLocalFile(fileStoreID)
toil.fileStores.abstractFileStore:AbstractFileStore.deleteGlobalFile(fileStoreID)
toil.fileStores.abstractFileStore:AbstractFileStore.importFile(srcUrl, sharedFileName, symlink)
toil.fileStores.abstractFileStore:AbstractFileStore.import_file(src_uri, shared_file_name, symlink)
toil.fileStores.abstractFileStore:AbstractFileStore.exportFile(jobStoreFileID, dstUrl)
toil.fileStores.abstractFileStore:AbstractFileStore.export_file(jobStoreFileID, dstUrl)
toil.fileStores.abstractFileStore:AbstractFileStore.log_to_leader(text, level)
toil.fileStores.abstractFileStore:AbstractFileStore.logToMaster(text, level)
toil.fileStores.abstractFileStore:AbstractFileStore.log_user_stream(name, stream)
toil.fileStores.abstractFileStore:AbstractFileStore.get_disk_usage()
toil.fileStores.abstractFileStore:AbstractFileStore.startCommit(jobState)
toil.fileStores.abstractFileStore:AbstractFileStore.waitForCommit()
toil.fileStores:FileID(fileStoreID, size, executable)
toil.fileStores:FileID.pack()
toil.fileStores:FileID.unpack(packedFileStoreID)
toil.fileStores:FileID.forPath(fileStoreID, filePath)
toil.jobStores.abstractJobStore:AbstractJobStore.import_file(src_uri, shared_file_name, hardlink, symlink)
toil.jobStores.abstractJobStore:AbstractJobStore.export_file(file_id, dst_uri)
toil.jobStores.abstractJobStore:AbstractJobStore.write_file(local_path, job_id, cleanup)
toil.jobStores.abstractJobStore:AbstractJobStore.write_file_stream(job_id, cleanup, basename, encoding, errors)
toil.jobStores.abstractJobStore:AbstractJobStore.read_file(file_id, local_path, symlink)
toil.jobStores.abstractJobStore:AbstractJobStore.read_file_stream(file_id, encoding, errors)
toil.jobStores.abstractJobStore:AbstractJobStore.write_shared_file_stream(shared_file_name, encrypted, encoding, errors)
toil.jobStores.abstractJobStore:AbstractJobStore.read_shared_file_stream(shared_file_name, encoding, errors)
toil.realtimeLogger:RealtimeLogger.getLogger()
toil.lib.docker:apiDockerCall(job, image, parameters, deferParam, volumes, working_dir, containerName, entrypoint, detach, log_config, auto_remove, remove, user, environment, stdout, stderr, stream, demux, streamfile, accelerators, timeout, **kwargs)
toil.lib.docker:dockerKill(container_name, gentleKill, remove, timeout)
toil.lib.docker:dockerStop(container_name, remove)
toil.lib.docker:containerIsRunning(container_name, timeout)
toil.lib.docker:getContainerName(job)
toil.lib.io:mkdtemp(suffix, prefix, dir)
toil.lib.retry:retry(intervals, infinite_retries, errors, log_message, prepare)
toil.lib.retry:old_retry(delays, timeout, predicate)
toil.lib.retry:ErrorCondition(error, error_codes, boto_error_codes, error_message_must_include, retry_on_this_condition)
toil.lib.threading:cpu_count()
toil.lib.threading:global_mutex(base_dir, mutex)
toil.lib.threading:LastProcessStandingArena(base_dir, name)
toil.batchSystems.registry:add_batch_system_factory(key, class_factory)
toil.batchSystems.registry:get_batch_systems()
toil.batchSystems.abstractBatchSystem:AbstractBatchSystem.issueBatchJob(command, job_desc, job_environment)
toil.batchSystems.abstractBatchSystem:AbstractBatchSystem.killBatchJobs(jobIDs)
toil.batchSystems.abstractBatchSystem:AbstractBatchSystem.getUpdatedBatchJob(maxWait)
toil.batchSystems.abstractBatchSystem:AbstractBatchSystem.shutdown()
toil.batchSystems.abstractBatchSystem:BatchSystemSupport(config, maxCores, maxMemory, maxDisk)
toil.bus:MessageBus.publish(message)
toil.bus:MessageBus.subscribe(message_type, handler)
toil.bus:replay_message_bus(path)
toil.statsAndLogging:set_log_level(level, set_logger)
toil.statsAndLogging:set_logging_from_options(options)
"""  # noqa: E501  a documented signature stands on one line

ATTRIBUTES = """
toil.job:Job memory cores disk accelerators preemptible preemptable walltime checkpoint requirements description
toil.job:Job jobStoreID tempDir fileStore files_to_use
toil.job:Job.Service memory cores disk accelerators preemptible preemptable walltime requirements
toil.job:JobDescription memory cores disk accelerators preemptible preemptable walltime requirements scale
toil.job: Promise Promised ServiceHostJob AcceleratorRequirement Requirer CheckpointJobDescription
toil.job: ServiceJobDescription JobException JobGraphDeadlockException JobPromiseConstraintError
toil.job: ConflictingPredecessorError FilesDownloadedStoppingPointReached
toil.common: ToilRestartException ToilContextManagerException
toil.common:Toil config
toil.exceptions: FailedJobsException
toil.leader: FailedJobsException
toil.batchSystems: InsufficientSystemResources
toil.batchSystems.abstractBatchSystem: InsufficientSystemResources
toil.batchSystems.abstractBatchSystem: UpdatedBatchJobInfo BatchJobExitReason
toil.fileStores.abstractFileStore:AbstractFileStore jobStore localTempDir
toil.jobStores.abstractJobStore: JobStoreExistsException NoSuchFileException NoSuchJobStoreException
toil.jobStores.abstractJobStore:AbstractJobStore locator config
toil.realtimeLogger:RealtimeLogger debug info warning warn error critical exception log
toil.bus: JobIssuedMessage JobUpdatedMessage JobCompletedMessage JobFailedMessage JobMissingMessage
toil.bus: JobAnnotationMessage ExternalBatchIdMessage QueueSizeMessage ClusterSizeMessage ClusterDesiredSizeMessage
toil.lib.docker: FORGO STOP RM
toil.lib.misc: StrPath FileDescriptorOrPath utc_now get_public_ip
toil.lib.accelerators: have_working_nvidia_smi count_nvidia_gpus get_individual_local_accelerators
toil.lib.accelerators: get_host_accelerator_numbers get_restrictive_environment_for_local_accelerators
toil.lib.threading: ExceptionalThread
toil.lib.conversions: human2bytes bytes2human convert_units hms_duration_to_seconds
toil.version: version baseVersion distVersion python exactPython
"""

ABSENT = """
toil: applianceSelf
toil.job: ImportsJob WorkerImportJob CombineImportsJob
toil.common:Toil createBatchSystem getLocalWorkflowDir get_local_workflow_coordination_dir
toil.jobStores.abstractJobStore:AbstractJobStore destroy jobs
toil.lib.docker: dockerCall dockerCheckOutput subprocessDockerCall
"""


def lines(text):
    return [line for line in text.splitlines() if line]


def find(place):
    module, _, path = place.partition(":")
    found = importlib.import_module(module)
    for name in filter(None, path.split(".")):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("line", lines(SIGNATURES))
def test_a_documented_function_takes_the_documented_keywords(line):
    place, _, documented = line.rstrip(")").partition("(")
    function = find(place)
    parameters = inspect.signature(function.__init__ if inspect.isclass(function) else function).parameters.values()
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    found = [stars.get(parameter.kind, "") + parameter.name for parameter in parameters if parameter.name != "self"]
    assert ", ".join(found) == documented


@pytest.mark.parametrize("line", lines(ATTRIBUTES))
def test_a_documented_name_is_there(line):
    place, *names = line.split()
    assert [name for name in names if not hasattr(find(place), name)] == []


@pytest.mark.parametrize("line", lines(ABSENT))
def test_a_documented_name_that_is_not_there_says_so_and_the_page_too(line):
    place, *names = line.split()
    for name in names:
        with pytest.raises(UnsupportedFeature, match=r"toil-compat does not have .*\. \w+"):
            getattr(find(place), name)(None, None)
        assert re.search(rf"`[\w.]*\b{name}`", PAGE.read_text())


def test_every_name_of_the_page_and_of_these_tables_is_used_by_some_other_test():
    others = (path for path in HERE.rglob("*.py") if path != Path(__file__).resolve())
    used = set(re.findall(r"\w+", "\n".join(path.read_text() for path in others)))
    documented = {re.split(r"[.:]", line.partition("(")[0])[-1] for line in lines(SIGNATURES)}
    documented |= {name for line in lines(ATTRIBUTES + ABSENT) for name in line.split()[1:]}
    table = PAGE.read_text().partition("## What runs")[2].partition("## ")[0]
    documented |= set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", table))))
    assert sorted(documented - used) == []
