"""The small documented names: errors, files' ids, logging, sizes."""

from __future__ import annotations

import argparse
import io
import logging
import os
import pickle
import re
import socket
import sys

import pytest

import toil.batchSystems
import toil.batchSystems.abstractBatchSystem
import toil.common
import toil.job
import toil.leader
import toil.version
from toil import applianceSelf
from toil.batchSystems.registry import get_batch_systems
from toil.common import Toil, ToilContextManagerException, ToilRestartException
from toil.exceptions import FailedJobsException, JobGraphDeadlockException
from toil.fileStores import FileID
from toil.fileStores.fileID import ref_of
from toil.job import Job
from toil.jobStores.abstractJobStore import NoSuchFileException
from toil.lib.conversions import bytes2human, human2bytes
from toil.lib.io import mkdtemp
from toil.lib.misc import FileDescriptorOrPath, StrPath, get_public_ip, utc_now
from toil.realtimeLogger import RealtimeLogger
from toil.statsAndLogging import (
    DEFAULT_LOGLEVEL,
    add_logging_options,
    configure_root_logger,
    logger,
    root_logger,
    set_log_level,
    set_logging_from_options,
    toil_logger,
)
from toil_core.errors import FailedJob, InsufficientResources, RunFailed, UnsupportedFeature, UsageError
from toil_core.model.file import FileRef


def test_a_file_is_known_from_its_id_from_its_text_and_after_a_journey():
    for ref in (
        FileRef("files/1.2/abc", 5, "sha1$00", None, "a ?&=%.txt", True),
        FileRef("packs/x.0", 5, "sha1$00", 17, "b"),
        FileRef("file:///some/place%20here?x", 9),
    ):
        made = FileID.of(ref)
        assert (made.size, made.executable) == (ref.size, ref.executable)
        for known in (made, str(made), pickle.loads(pickle.dumps(made)), FileID.unpack(made.pack())):
            assert ref_of(known) == ref
        assert isinstance(FileID.unpack(made.pack()), FileID)
        assert FileID(made, made.size, made.executable) == made


def test_the_id_of_a_stream_is_known_once_it_is_written():
    made = FileID.to_be_written("token")
    with pytest.raises(NoSuchFileException, match="names no stored file"):
        ref_of(made)
    made.written(FileRef("files/1.2/abc", 5))
    assert ref_of(pickle.loads(pickle.dumps(made))).key == "files/1.2/abc"
    assert made.size == 5
    with pytest.raises(NoSuchFileException, match="names no stored file"):
        ref_of(str(made))


def test_an_id_can_take_size_and_mode_of_a_local_file(tmp_path):
    path = tmp_path / "tool"
    path.write_text("abc")
    path.chmod(0o755)
    made = FileID.forPath("some text", str(path))
    assert (made, made.size, made.executable) == ("some text", 3, True)


def test_the_error_of_failed_jobs_tells_which_and_how_to_go_on():
    failed = RunFailed("1 job failed", "Go on from here with: ...", [FailedJob("align", "it broke")], 1)
    error = pickle.loads(pickle.dumps(FailedJobsException("file:store", failed)))
    assert (error.jobStoreLocator, error.numberOfFailedJobs, error.exit_code) == ("file:store", 1, 1)
    assert error.jobs[0].message == "it broke"
    assert error.msg == str(error) == "1 job failed: align (it broke). Go on from here with: --restart file:store"
    assert toil.leader.FailedJobsException is FailedJobsException


def test_a_run_is_used_inside_of_its_block_and_begun_as_its_options_say(tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    workflow = Toil(options, workflow_name="name", trs_spec=None)
    with pytest.raises(ToilContextManagerException, match="with Toil"):
        workflow.start(Job())
    with workflow, pytest.raises(ToilRestartException, match="start"):
        workflow.restart()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "name",
    ["createBatchSystem", "getLocalWorkflowDir", "get_local_workflow_coordination_dir"],
)
def test_what_a_run_does_not_have_says_so(name):
    with pytest.raises(UnsupportedFeature, match=name):
        getattr(Toil, name)


@pytest.mark.parametrize(
    ("module", "name"), [(toil.job, "ImportsJob"), (toil.job, "WorkerImportJob"), (toil.job, "CombineImportsJob")]
)
def test_what_a_module_does_not_have_says_so(module, name):
    with pytest.raises(UnsupportedFeature, match=rf"{module.__name__}\.{name}\. \w+"):
        getattr(module, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = module.nothing


def test_urls_are_made_of_paths_and_asked_for(tmp_path):
    (tmp_path / "a b").touch()
    url = Toil.normalize_uri("a b", check_existence=True, dir_path=str(tmp_path))
    assert url == (tmp_path / "a b").as_uri()
    assert Toil.normalize_uri("https://host/x") == "https://host/x"
    with pytest.raises(FileNotFoundError):
        Toil.normalize_uri("c", check_existence=True, dir_path=str(tmp_path))
    with Toil(Job.Runner.getDefaultOptions(str(tmp_path / "store"))) as workflow:
        assert workflow.url_exists(url)
        assert not workflow.url_exists(str(tmp_path / "c"))


def test_a_graph_that_could_never_finish_is_refused_by_upstreams_error(tmp_path):
    root = Job()
    root.addChild(Job()).addChild(Job(displayName="mine")).addChild(root._place.children[0])
    with pytest.raises(JobGraphDeadlockException, match="mine"):
        Job.Runner.startToil(root, Job.Runner.getDefaultOptions(str(tmp_path / "store")))
    with pytest.raises(UsageError, match="not a job"), Toil(Job.Runner.getDefaultOptions()) as workflow:
        workflow.start(None)


def test_locators_are_taken_apart_and_put_together():
    assert Toil.parseLocator("aws:us-west-2:name") == ("aws", "us-west-2:name")
    assert Toil.parseLocator("./some:store") == ("file", "./some:store")
    assert Toil.buildLocator("file", "/store") == "file:/store"


def test_a_line_of_the_real_time_logger_reaches_the_log_of_the_leader(caplog):
    caplog.set_level(logging.DEBUG, "toil")
    for level in ("debug", "info", "warning", "warn", "error", "critical"):
        getattr(RealtimeLogger, level)("%s done", level)
    RealtimeLogger.log(logging.INFO, "plain")
    try:
        raise ValueError("the reason")
    except ValueError:
        RealtimeLogger.exception("failed")
    assert caplog.messages[:4] == ["debug done", "info done", "warning done", "warn done"]
    assert caplog.messages[6] == "plain"
    assert "ValueError: the reason" in caplog.messages[-1]
    assert isinstance(RealtimeLogger.getLogger(), logging.Logger)


def test_levels_of_logging_are_set_by_name():
    other = logging.getLogger("toil-compat-test")
    for level, expected in (("debug", 10), ("TRACE", 10), ("OFF", 51), (30, 30)):
        set_log_level(level, other)
        assert other.level == expected
    with pytest.raises(ValueError, match="LOUD"):
        set_log_level("LOUD", other)
    assert (root_logger, toil_logger.name, DEFAULT_LOGLEVEL) == (logging.getLogger(), "toil", logging.INFO)
    assert logger.parent is toil_logger


def test_a_parser_can_have_the_options_of_logging_only(monkeypatch):
    parser = argparse.ArgumentParser()
    add_logging_options(parser)
    before = root_logger.level
    try:
        set_logging_from_options(parser.parse_args(["--logError"]))
        assert root_logger.level == logging.ERROR
    finally:
        root_logger.setLevel(before)
    monkeypatch.setattr(root_logger, "handlers", [logging.StreamHandler(io.StringIO())])
    configure_root_logger()
    assert len(root_logger.handlers) == 1


def test_sizes_are_read_and_shown():
    assert human2bytes("2Gi") == 2 * 1024**3
    assert bytes2human(2 * 1024**3) == "2.0 GiB"


def test_temporary_directories_are_made(tmp_path):
    made = mkdtemp(suffix=".end", prefix="begin", dir=str(tmp_path))
    assert os.listdir(tmp_path) == [os.path.basename(made)]
    assert re.fullmatch(r"begin.*\.end", os.path.basename(made))


def test_small_things_are_there():
    path: StrPath = "x"
    file: FileDescriptorOrPath = 0
    assert (path, file) == ("x", 0)
    assert utc_now().tzinfo is not None
    assert socket.inet_aton(get_public_ip())
    assert toil.version.python == toil.version.exactPython == f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert toil.version.version == toil.version.baseVersion == toil.version.distVersion


def test_there_is_no_appliance():
    with pytest.raises(UnsupportedFeature, match=r"applianceSelf\. There is no appliance"):
        applianceSelf(forceDockerAppliance=True)


def test_batch_systems_are_plugins():
    assert "single_machine" in get_batch_systems()
    assert toil.batchSystems.InsufficientSystemResources is InsufficientResources
