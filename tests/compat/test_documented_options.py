"""Every documented flag of a workflow, in all of its forms."""

from __future__ import annotations

import re

import pytest

from toil.job import Job

VALUES = """
--config=/dev/null --workDir=. --coordinationDir=. --runDir=. --clean=never --cleanWorkDir=never --clusterStats=.
--logLevel=DEBUG --logFile=log --maxLogFileSize=5 --writeLogs=. --writeLogsGzip=. --writeMessages=x
--batchSystem=single_machine --maxJobs=5 --maxLocalJobs=5 --statePollingWait=5 --statePollingTimeout=5
--batchLogsDir=. --scale=2 --caching=true
--provisioner=aws -p=aws --nodeTypes=c5.large --nodeType=c5.large --preemptableNodeType=c5.large --maxNodes=5
--maxPreemptableNodes=5 --minNodes=5 --targetTime=5 --betaInertia=0.5 --scaleInterval=5
--preemptibleCompensation=0.5 --preemptableCompensation=0.5 --nodeStorage=5 --nodeStorageOverrides=t2.micro:5
--maxServiceJobs=5 --maxPreemptibleServiceJobs=5 --maxPreemptableServiceJobs=5 --deadlockWait=5
--deadlockCheckInterval=5
--defaultMemory=5M --defaultCores=0.5 --defaultDisk=5M --defaultAccelerators=2 --defaultWalltime=5
--maxCores=5 --maxMemory=5G --maxDisk=5G
--retryCount=5 --retryBackoffSeconds=5 --retryBackoffFactor=5 --maxJobDuration=5 --rescueJobsFrequency=5
--jobStoreTimeout=5 --sseKey=x --setEnv=A=1 -e=A=1 --servicePollingInterval=5 --statusWait=5
--publishWorkflowMetrics=no --badWorker=0.5 --badWorkerFailInterval=0.5
--importWorkersBatchSize=5 --importWorkersDisk=5 --importWorkersThreshold=5
--awsBatchRegion=x --awsBatchQueue=x --awsBatchJobRoleArn=x
--slurmTime=x --slurmPartition=x --slurmQOS=x --slurmGPUPartition=x --slurmGPUQOS=x --slurmPE=x --slurmArgs=x
--slurmAllocateMem=False --slurmDefaultAllMem=True
--kubernetesHostPath=x --kubernetesOwner=x --kubernetesServiceAccount=x --kubernetesPodTimeout=5
--kubernetesPrivileged=True --kubernetesPodSecurityContext=x --kubernetesSecurityContext=x
--mesosEndpoint=x --mesosMaster=x --mesosFrameworkId=x --mesosRole=x --mesosName=x
"""

SWITCHES = """
--rotatingLogging --logColors --noStdOutErr --stats --restart --disableAutoDeployment --disableHotDeployment
--manualMemArgs --runLocalJobsOnWorkers --runCwlInternalJobsOnWorkers --coalesceStatusCalls --memoryIsProduct
--symlinkImports --moveOutputs --linkImports --noLinkImports --moveExports --noMoveExports --disableCaching
--symlinkJobStoreReads --metrics --assumeZeroOverhead --defaultPreemptible --defaultPreemptable
--stopOnFirstFailure --enableUnlimitedPreemptibleRetries --enableUnlimitedPreemptableRetries --doubleMem
--doubleTime --writeLogsFromAllJobs --realTimeLogging --disableChaining --disableJobStoreChecksumVerification
--forceDockerAppliance --disableProgress --debugWorker --disableWorkerOutputCapture --runImportsOnWorkers
"""

LEVELS = ("Critical", "Error", "Warning", "Info", "Debug", "Trace", "Off")


@pytest.fixture(autouse=True)
def no_user_options(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def parser():
    return Job.Runner.getDefaultArgumentParser()


def changed(parser, *words):
    """What the words change in the options."""
    before, after = vars(parser.parse_args(["store"])), vars(parser.parse_args([*words, "store"]))
    return {name: value for name, value in after.items() if value != before[name]}


@pytest.mark.parametrize("flag_and_value", re.findall(r"\S+", VALUES))
def test_a_value_is_given_behind_a_blank_or_an_equals_sign(parser, flag_and_value):
    flag, _, value = flag_and_value.partition("=")
    found = changed(parser, flag, value)
    assert found or value in ("single_machine", "no")
    if flag.startswith("--"):
        assert changed(parser, flag_and_value) == found


@pytest.mark.parametrize("flag", re.findall(r"\S+", SWITCHES))
def test_a_switch_is_given_bare_or_with_a_word(parser, flag):
    bare = changed(parser, flag)
    assert changed(parser, f"{flag}=True") == changed(parser, flag, "True") == bare
    off = changed(parser, f"{flag}=False")
    assert changed(parser, flag, "false") == off
    assert bool(bare) != bool(off)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_of_the_log_is_a_flag(parser, level):
    expected = {} if level == "Info" else {"logLevel": level.upper()}
    assert changed(parser, f"--log{level}") == changed(parser, f"--log{level.lower()}") == expected
