"""The options of a run as an object and as a file."""

from __future__ import annotations

import logging

import pytest

from toil.common import Config, Toil, addOptions, generate_config, parser_with_common_options, update_config
from toil.job import Job
from toil.options import new_parser
from toil_core.errors import UnsupportedFeature, UsageError


@pytest.fixture(autouse=True)
def no_user_options(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_configuration_has_every_option_at_its_default_and_then_what_is_set():
    config = Config()
    assert (config.retryCount, config.clean, config.maxLogFileSize, config.workflowID) == (
        1,
        "onSuccess",
        100 * 1024**2,
        None,
    )
    assert config == Config()
    config.setOptions(Job.Runner.getDefaultArgumentParser().parse_args(["store", "--retryCount=7"]))
    assert (config.retryCount, config.jobStore) == (7, "store")
    assert config != Config()
    with pytest.raises(AttributeError, match="beauty"):
        _ = config.beauty


def test_options_are_added_to_a_parser_by_the_older_name():
    parser = new_parser()
    addOptions(parser, jobstore_as_flag=True)
    assert parser.parse_args(["--jobStore=x", "--retryCount=2"]).retryCount == 2
    with pytest.raises(UnsupportedFeature, match="toil-cwl-runner"):
        addOptions(new_parser(), cwl=True)


def test_a_command_about_a_job_store_has_the_options_of_logging(capsys):
    parser = parser_with_common_options(prog="mine", default_log_level=logging.WARNING)
    found = parser.parse_args(["file:store", "--tempDirRoot=/tmp"])
    assert (found.jobStore, found.logLevel, found.tempDirRoot) == ("file:store", "WARNING", "/tmp")
    assert parser_with_common_options(jobstore_option=False).parse_args(["--logDebug"]).logLevel == "DEBUG"
    with pytest.raises(SystemExit):
        parser.parse_args(["--version"])
    assert capsys.readouterr().out
    with pytest.raises(UnsupportedFeature, match="provisioner"):
        parser_with_common_options(provisioner_options=True)


def test_a_file_of_options_is_made_and_one_of_them_changed(tmp_path):
    path = str(tmp_path / "options.yaml")
    generate_config(path)
    unchanged = Job.Runner.getDefaultArgumentParser().parse_args(["store", "--config", path])
    assert unchanged == Job.Runner.getDefaultArgumentParser().parse_args(["store", "--config", path])
    assert unchanged.retryCount == 1
    update_config(path, "retryCount", 5)
    update_config(path, "clean", "never")
    update_config(path, "retryCount", 6)
    changed = Job.Runner.getDefaultArgumentParser().parse_args(["store", "--config", path])
    assert (changed.retryCount, changed.clean, changed.maxJobs) == (6, "never", unchanged.maxJobs)
    with pytest.raises(UsageError, match="no option beauty"):
        update_config(path, "beauty", 1)


UPSTREAM = """
config_version: 1.0
# A comment.
logTrace: INFO
jobstore:
maxJobs: 9223372036854775807
maxMemory: 9223372036854775807
slurmAllocateMem: true
slurmArgs: ''
nodeTypes: []
defaultMemory: 2.0 Gi
defaultAccelerators: []
defaultWalltime: '0'
retryCount: 4
maxJobDuration: 9223372036854775807
setEnv: {GIVEN: 1}
badWorker: 0.0
importWorkersBatchSize: 1 GiB
beta-conda-dependencies:
rm-tmpdir: true
destBucket:
wdlOutputDialect: cromwell
"""


def test_a_file_as_upstream_writes_it_is_read(tmp_path):
    path = tmp_path / "options.yaml"
    path.write_text(UPSTREAM)
    options = Job.Runner.getDefaultArgumentParser().parse_args([str(tmp_path / "store"), "--config", str(path)])
    assert (options.retryCount, options.defaultMemory, options.environment) == (4, 2 * 1024**3, ["GIVEN=1"])
    with Toil(options) as toil:
        assert toil.start(Job.wrapFn(max, 1, 2)) == 2
    path.write_text("setEnv: [{A: 1}]\n")
    with pytest.raises(SystemExit):
        Job.Runner.getDefaultArgumentParser().parse_args(["store", "--config", str(path)])
