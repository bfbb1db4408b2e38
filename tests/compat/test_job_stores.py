"""The job store of a run by upstream's names, seen from outside of jobs."""

from __future__ import annotations

import pickle

import pytest

from toil.common import Toil
from toil.exceptions import NothingToImport
from toil.fileStores import FileID
from toil.job import Job
from toil.jobStores.abstractJobStore import (
    AbstractJobStore,
    InvalidImportExportUrlException,
    JobStoreExistsException,
    NoSuchFileException,
    NoSuchJobStoreException,
    UnimplementedURLException,
)
from toil_core.errors import UnsupportedFeature, UsageError


@pytest.fixture
def options(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    found.clean = "never"
    return found


@pytest.mark.parametrize(("symlink", "found"), [(True, "edited"), (False, "as it was")])
def test_a_local_file_is_copied_only_if_that_is_asked_for(options, tmp_path, symlink, found):
    source = tmp_path / "source"
    source.write_text("as it was")
    with Toil(options) as toil:
        file = toil.importFile(str(source), symlink=symlink)
        source.write_text("edited")
        toil.exportFile(file, str(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == found


def test_a_job_store_that_is_there_or_is_not_raises_upstreams_errors(options, tmp_path):
    with pytest.raises(NoSuchJobStoreException):
        Toil.resumeJobStore(options.jobStore)
    unopened = Toil.getJobStore(options.jobStore)
    assert isinstance(unopened, AbstractJobStore)
    with pytest.raises(NoSuchJobStoreException):
        unopened.resume()
    with Toil(options):
        with pytest.raises(JobStoreExistsException), Toil(options):
            pass
        unopened.resume()
        with pytest.raises(NoSuchFileException):
            unopened.export_file("nothing", str(tmp_path / "out"))


def test_importing_what_is_not_there_is_an_error_of_files(options):
    with Toil(options) as workflow:
        with pytest.raises(FileNotFoundError) as caught:
            workflow.importFile("nowhere")
        assert "nowhere" in str(pickle.loads(pickle.dumps(caught.value)))
        assert isinstance(caught.value, NothingToImport)
        assert isinstance(caught.value, InvalidImportExportUrlException)
        with pytest.raises(UnimplementedURLException, match="gopher"):
            workflow.importFile("gopher://host/x")


def test_the_files_of_a_run_are_read_from_outside(options, tmp_path):
    (tmp_path / "in").write_text("content")
    with Toil(options) as workflow:
        with AbstractJobStore(None, lambda: workflow._entered().files).write_file_stream() as (stream, made):
            stream.write(b"made")
        store = Toil.getJobStore(options.jobStore)
        for file, content in ((made, b"made"), (workflow.importFile(str(tmp_path / "in")), b"content")):
            assert isinstance(file, FileID)
            with store.read_file_stream(file) as stream:
                assert stream.read() == content
        with pytest.raises(UnsupportedFeature, match=r"config.*Hand the options"):
            _ = store.config


@pytest.mark.parametrize(("name", "cure"), [("destroy", "toil clean"), ("jobs", "toil status")])
def test_what_a_job_store_does_not_have_says_so(options, name, cure):
    with pytest.raises(UnsupportedFeature, match=rf"AbstractJobStore.{name}\..*{cure}"):
        getattr(Toil.getJobStore(options.jobStore), name)


FILES = ("importFile", "exportFile", "writeFile", "readFile", "getFileSize", "deleteFile", "fileExists")
STREAMS = ("writeFileStream", "readFileStream", "writeSharedFileStream", "readSharedFileStream")


@pytest.mark.parametrize("camel", FILES + STREAMS)
def test_the_names_in_camel_case_are_the_same_methods(camel):
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel)
    assert getattr(AbstractJobStore, camel) is getattr(AbstractJobStore, snake)


def test_a_locator_is_made_to_mean_the_same_everywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Toil.canonical_locator("store") == Toil.canonical_locator("file:store") == f"file:{tmp_path}/store"
    assert Toil.canonical_locator("aws:us-west-2:name") == "aws:us-west-2:name"


def test_the_work_directory_is_the_one_that_is_named_or_that_of_the_environment(tmp_path, monkeypatch):
    assert Toil.getToilWorkDir(str(tmp_path)) == str(tmp_path)
    monkeypatch.setenv("TOIL_WORKDIR", str(tmp_path))
    assert Toil.getToilWorkDir() == str(tmp_path)
    with pytest.raises(UsageError, match="is not there"):
        Toil.getToilWorkDir(str(tmp_path / "nowhere"))
