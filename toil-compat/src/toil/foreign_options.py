"""Documented options of upstream that the core has no word for, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Effect(Enum):
    """What an option does that was set to something else than its default."""

    MET = "met"  # nothing: what it asks for is so anyway, or it tunes a mechanism that is not there
    TOLD = "told"  # nothing, and a warning says so
    REFUSED = "refused"  # an error, for going on would do something else than was asked for


@dataclass(frozen=True)
class Foreign:
    """One option. Its kind is that of the default; a list may be given several times."""

    flags: tuple[str, ...]
    dest: str
    default: Any
    effect: Effect
    why: str


_NO_LIMIT = 2**63 - 1


def _met(flags: str, default: Any, why: str, dest: str = "") -> Foreign:
    return _foreign(flags, default, Effect.MET, why, dest)


def _told(flags: str, default: Any, why: str, dest: str = "") -> Foreign:
    return _foreign(flags, default, Effect.TOLD, why, dest)


def _refused(flags: str, default: Any, why: str, dest: str = "") -> Foreign:
    return _foreign(flags, default, Effect.REFUSED, why, dest)


def _foreign(flags: str, default: Any, effect: Effect, why: str, dest: str) -> Foreign:
    names = tuple(flags.split())
    return Foreign(names, dest or names[0].lstrip("-"), default, effect, why)


_EVENTS = "the leader waits for events, and polls nothing"
_LINKS = "files are linked wherever that is safe, whatever this says"
_STATS = "every attempt is measured; --writeEvents FILE has the measurements"
_CLUSTERS = "Start the cluster first, and name its batch system by --batchSystem"
_LANGUAGES = "it is only for other languages"
_SERVICES = "services, and jobs that wait for their room, are found without waiting"

_OF_BATCH_SYSTEMS: Mapping[str, Mapping[str, str]] = {
    "slurm": {
        "slurmAllocateMem": "slurm_allocate_mem",
        "slurmDefaultAllMem": "slurm_default_all_mem",
        "slurmTime": "slurm_time",
        "slurmPartition": "slurm_partition",
        "slurmQOS": "slurm_qos",
        "slurmGPUPartition": "slurm_gpu_partition",
        "slurmGPUQOS": "slurm_gpu_qos",
        "slurmPE": "slurm_pe",
        "slurmArgs": "slurm_args",
    },
    "kubernetes": {
        "kubernetesHostPath": "kubernetes_host_path",
        "kubernetesOwner": "kubernetes_owner",
        "kubernetesServiceAccount": "kubernetes_service_account",
        "kubernetesPodTimeout": "kubernetes_pod_timeout",
        "kubernetesPrivileged": "kubernetes_privileged",
        "kubernetesPodSecurityContext": "kubernetes_pod_security_context",
        "kubernetesSecurityContext": "kubernetes_security_context",
    },
    "mesos": {
        "mesosEndpoint": "mesos_endpoint",
        "mesosMaster": "mesos_master",
        "mesosFrameworkId": "mesos_framework_id",
        "mesosRole": "mesos_role",
        "mesosName": "mesos_name",
    },
    "aws_batch": {
        "awsBatchRegion": "aws_batch_region",
        "awsBatchQueue": "aws_batch_queue",
        "awsBatchJobRoleArn": "aws_batch_job_role_arn",
    },
}
"""Options of batch systems that may not be installed: flag and name. An installed one has its own."""

_DEFAULTS: Mapping[str, Any] = {
    "slurmAllocateMem": True,
    "slurmDefaultAllMem": False,
    "kubernetesPodTimeout": 120.0,
    "kubernetesPrivileged": False,
}
"""Those of them that are something if nobody says so."""

FOREIGN: tuple[Foreign, ...] = (
    _met("--setEnv -e", [], "set where the run is started, which jobs inherit", "environment"),
    _met("--coalesceStatusCalls", True, _EVENTS),
    _met("--statePollingWait", 1, _EVENTS),
    _met("--statePollingTimeout", 1200, _EVENTS, "state_polling_timeout"),
    _met("--rescueJobsFrequency", 60, _EVENTS),
    _met("--servicePollingInterval", 60.0, _SERVICES),
    _met("--deadlockWait", 60, _SERVICES),
    _met("--deadlockCheckInterval", 30, _SERVICES),
    _met("--maxServiceJobs", _NO_LIMIT, _SERVICES),
    _met("--maxPreemptibleServiceJobs --maxPreemptableServiceJobs", _NO_LIMIT, _SERVICES),
    _met("--statusWait", 3600, _EVENTS),
    _met("--jobStoreTimeout", 30, _EVENTS, "job_store_timeout"),
    _met("--maxLocalJobs", 0, "the leader's own jobs need no batch system", "max_local_jobs"),
    _met("--runLocalJobsOnWorkers --runCwlInternalJobsOnWorkers", False, _LANGUAGES),
    _met("--runImportsOnWorkers --run-imports-on-workers", False, _LANGUAGES, "run_imports_on_workers"),
    _met("--importWorkersBatchSize", None, _LANGUAGES, "import_workers_batchsize"),
    _met("--importWorkersThreshold", None, _LANGUAGES, "import_workers_threshold"),
    _met("--importWorkersDisk", None, _LANGUAGES, "import_workers_disk"),
    _met("--manualMemArgs", False, "it is only for grid engines"),
    _met("--memoryIsProduct", False, "it is only for grid engines", "memory_is_product"),
    _met("--caching", False, "a node keeps one copy of a file"),
    _met("--disableCaching", False, "a node keeps one copy of a file"),
    _met("--symlinkImports", True, _LINKS),
    _met("--linkImports", False, _LINKS),
    _met("--noLinkImports", False, _LINKS),
    _met("--moveOutputs", False, _LINKS),
    _met("--moveExports", False, _LINKS),
    _met("--noMoveExports", False, _LINKS),
    _met("--symlinkJobStoreReads", True, _LINKS, "symlink_job_store_reads"),
    _met("--disableJobStoreChecksumVerification", False, "reading stays as safe as it was"),
    _met("--retryBackoffSeconds", 2, "a job is tried again at once", "retry_backoff_seconds"),
    _met("--retryBackoffFactor", 3, "a job is tried again at once", "retry_backoff_factor"),
    _met("--realTimeLogging", False, "messages of RealtimeLogger always reach the leader"),
    _met("--forceDockerAppliance", False, "there is no appliance"),
    _met("--publishWorkflowMetrics", "no", "nothing is published"),
    _met("--scaleInterval", 60, _CLUSTERS),
    _met("--targetTime", 1800, _CLUSTERS),
    _met("--betaInertia", 0.1, _CLUSTERS),
    _met("--assumeZeroOverhead", False, _CLUSTERS, "assume_zero_overhead"),
    _told("--stats", False, _STATS),
    _told("--clusterStats", None, _STATS),
    _told("--metrics", False, _STATS),
    _told("--noStdOutErr", False, "the logs of failed jobs are kept, with what they printed"),
    _told("--rotatingLogging", False, "the file of --logFile grows", "logRotating"),
    _told("--logColors", True, "the log has no colours", "colored_logs"),
    _told("--maxLogFileSize", 100 * 1024**2, "logs are kept whole"),
    _told("--coordinationDir", None, "locks and sockets are below --workDir", "coordination_dir"),
    _told("--cleanWorkDir", "always", "what jobs leave in --workDir is always removed"),
    _told("--batchLogsDir", None, "see --writeLogs", "batch_logs_dir"),
    _told("--disableWorkerOutputCapture", False, "output of jobs goes to their logs"),
    _told("--debugWorker", False, "jobs run in processes of their own; see the command toil debug-job"),
    _met("--writeMessages", None, "Toil writes them", "write_messages"),
    _refused("--sseKey", None, "It is for the job stores aws: and google:. Try: pip install toil-aws"),
    _refused("--badWorker", 0.0, "It is only for testing upstream"),
    _refused("--badWorkerFailInterval", 0.01, "It is only for testing upstream"),
    *(
        _refused(
            f"--{name}",
            _DEFAULTS.get(name),
            f"It is for the batch system {system}; installed ones are told by: toil plugins",
            dest,
        )
        for system, names in _OF_BATCH_SYSTEMS.items()
        for name, dest in names.items()
    ),
    _refused("--provisioner -p", None, _CLUSTERS),
    _refused("--nodeTypes", None, _CLUSTERS),
    _refused("--nodeType", None, _CLUSTERS),
    _refused("--preemptibleNodeType --preemptableNodeType", None, _CLUSTERS),
    _refused("--maxPreemptibleNodes --maxPreemptableNodes", None, _CLUSTERS),
    _refused("--maxNodes", None, _CLUSTERS),
    _refused("--minNodes", None, _CLUSTERS),
    _refused("--nodeStorage", 50, _CLUSTERS),
    _refused("--nodeStorageOverrides", None, _CLUSTERS),
    _refused("--preemptibleCompensation --preemptableCompensation", 0.0, _CLUSTERS),
)
"""Every documented workflow option that is not the core's."""

_BESIDE = """
config_version logCritical logError logWarning logInfo logDebug logTrace logOff
basedir outdir log-dir user-space-docker-cmd singularity podman no-container leave-container custom-net no-prepull
force-docker-pull no-match-user no-read-only strict-memory-limit strict-cpu-limit default-container
record-container-id cidfile-dir cidfile-prefix preserve-environment preserve-entire-environment
beta-dependency-resolvers-configuration beta-dependencies-directory beta-use-biocontainers beta-conda-dependencies
tmpdir-prefix tmp-outdir-prefix rm-tmpdir leave-tmpdir relax-path-checks compute-checksum no-compute-checksum
eval-timeout overrides mpi-config-file provenance enable-user-provenance disable-user-provenance
enable-host-provenance disable-host-provenance orcid full-name not-strict enable-dev enable-ext quiet
bypass-file-store reference-inputs disable-streaming cwl-default-ram no-cwl-default-ram cwl-min-ram destBucket
cachedir cwl-loop-iteration-limit wdlOutputDialect wdlOutputDirectory wdlOutputFile wdlReferenceInputs wdlContainer
wdlAllCallOutputs wdlStrict wdlQuantCheck
"""
NOT_FOR_RUNS: tuple[str, ...] = tuple(_BESIDE.split())
"""What a configuration file of upstream's has beside the options of a run: one file is for all languages."""
