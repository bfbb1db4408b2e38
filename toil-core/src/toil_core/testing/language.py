"""The contract kit of language front ends. A front end's test inherits ``LanguageContract``."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from toil_core.api.language import Language
from toil_core.errors import UsageError
from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.description import JobDescription
from toil_core.model.ids import AttemptId
from toil_core.model.wire import decode, encode
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

_PROGRAM = "from toil_core.cli.main import main; import sys; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Example:
    """A document that runs, its inputs as they are typed, and the result it prints."""

    document: Path
    inputs: Sequence[str]
    result: Any


class LanguageContract:
    """What every front end promises, as tests to inherit::

        class TestMyLanguage(LanguageContract):
            @pytest.fixture
            def language(self) -> Language:
                return MyLanguage()

            @pytest.fixture
            def example(self, tmp_path) -> Example:
                (tmp_path / "hello.my").write_text("say hello")
                return Example(tmp_path / "hello.my", [], "hello")

            @pytest.fixture
            def broken(self, tmp_path) -> Path:
                (tmp_path / "broken.my").write_text("say say")
                return tmp_path / "broken.my"

    The front end's distribution is installed: documents are run by ``toil run``. Override
    ``environment`` if it is found by other means.
    """

    options: ClassVar[Sequence[str]] = ()
    """What else to say to ``toil run``."""

    timeout_seconds: ClassVar[float] = 120.0
    """How long the example may run."""

    @pytest.fixture
    def language(self) -> Language:
        """The language under test."""
        raise NotImplementedError("override the fixture `language`")

    @pytest.fixture
    def example(self) -> Example:
        """A document that runs."""
        raise NotImplementedError("override the fixture `example`")

    @pytest.fixture
    def broken(self) -> Path:
        """A document of the language with a mistake in it."""
        raise NotImplementedError("override the fixture `broken`")

    @pytest.fixture
    def environment(self) -> Mapping[str, str]:
        """What to add to the environment of ``toil run``."""
        return {}

    def test_it_recognizes_its_documents_and_no_others(
        self, language: Language, example: Example, broken: Path, tmp_path: Path
    ) -> None:
        for document in (example.document, broken):
            assert language.recognizes(str(document), document.read_bytes()[:65536])
        for name, head in (("notes.txt", b"plain words\n"), ("data.bin", bytes(range(256))), ("empty", b"")):
            assert not language.recognizes(str(tmp_path / name), head)

    def test_its_jobs_can_be_stored_sent_and_run_by_anybody(
        self, language: Language, example: Example, tmp_path: Path
    ) -> None:
        storage = MemoryStorage(MemoryPlace())
        storage.create()
        urls = Urls(lambda url: FileUrlAccess())
        node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="kit", urls=urls)
        files = JobFiles(node, AttemptId("kit"), tmp_path / "work")
        program = language.load(str(example.document), example.inputs, None)
        jobs = program.jobs(files)
        files.finish()
        assert program.name
        assert jobs
        assert len({job.id for job in jobs}) == len(jobs)
        for job in jobs:
            assert decode(JobDescription, json.loads(json.dumps(encode(job)))) == job
            assert all(edge.job in {one.id for one in jobs} for edge in job.edges)
            module, _, function = job.body.partition(":")
            assert callable(getattr(importlib.import_module(module), function))

    def test_a_document_that_is_not_there_is_a_mistake(self, language: Language, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="absent"):
            language.load(str(tmp_path / "absent"), [], None)

    def test_a_run_prints_its_result(self, example: Example, environment: Mapping[str, str], tmp_path: Path) -> None:
        done = self._run(example, environment, tmp_path)
        assert done.returncode == 0, done.stderr
        assert self.comparable(json.loads(done.stdout)) == example.result

    def test_a_finished_run_prints_its_result_again(
        self, example: Example, environment: Mapping[str, str], tmp_path: Path
    ) -> None:
        store = f"--job-store={tmp_path / 'kept'}"
        first = self._run(example, environment, tmp_path, store, "--clean=never")
        again = self._run(example, environment, tmp_path, store, "--restart")
        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
        assert self.comparable(json.loads(again.stdout)) == self.comparable(json.loads(first.stdout))

    def test_a_mistake_in_a_document_is_told_without_a_traceback(
        self, broken: Path, environment: Mapping[str, str], tmp_path: Path
    ) -> None:
        done = self._run(Example(broken, [], None), environment, tmp_path)
        assert done.returncode not in (0, 70)
        assert broken.name in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""

    def comparable(self, result: Any) -> Any:
        """What of a printed result does not differ from run to run."""
        return result

    def _run(
        self, example: Example, environment: Mapping[str, str], folder: Path, *more: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _PROGRAM, "run", *self.options, *more, str(example.document), *example.inputs]
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=self.timeout_seconds,
            check=False,
        )
