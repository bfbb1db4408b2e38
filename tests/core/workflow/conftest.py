"""A tiny reference interpreter of job descriptions: what the edges mean, and nothing else."""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from toil_core.api.job import FileAccess
from toil_core.model.description import EdgeKind, JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import AttemptId, JobId
from toil_core.model.payload import Payload
from toil_core.model.requirements import Resources
from toil_core.workflow import Job, PythonProgram


class MemoryFiles:
    """The few file operations that the tests use."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def write_bytes(self, content: bytes, *, name: str = "") -> FileRef:
        key = f"files/{len(self.contents)}"
        self.contents[key] = content
        return FileRef(key, len(content), name=name)

    def write(self, path: Path, *, name: str = "", move: bool = False) -> FileRef:
        return self.write_bytes(path.read_bytes(), name=name)

    def read(self, ref: FileRef, path: Path, *, mutable: bool = False) -> None:
        path.write_bytes(self.contents[ref.key])


class Attempt:
    """What a body is given."""

    def __init__(self, run: ReferenceRun, job: JobDescription) -> None:
        self.job = job
        self.attempt = AttemptId(f"1.{len(run.order)}")
        self.resources = job.requirements.filled(Resources())
        self.work_dir = Path(mkdtemp())
        self.files: Any = run.files
        self.added: list[JobDescription] = []
        self.needed: list[JobId] = []
        self.logged: list[tuple[int, str]] = run.logged
        self._made = 0

    def on_abort(self, command: Sequence[str]) -> None:
        """Nobody kills these attempts."""

    def new_id(self) -> JobId:
        self._made += 1
        return JobId(f"{self.attempt}-{self._made}")

    def add(self, job: JobDescription) -> None:
        self.added.append(job)

    def needs(self, job: JobId) -> None:
        self.needed.append(job)

    def payload(self, text: str) -> Payload:
        return Payload(text=text)

    def log(self, text: str, level: int = logging.INFO) -> None:
        self.logged.append((level, text))


class ReferenceRun:
    """Runs jobs one at a time, any that is ready, until none is left."""

    def __init__(self, root: Job[Any], seed: int = 0) -> None:
        self.files = MemoryFiles()
        self.logged: list[tuple[int, str]] = []
        self.order: list[JobDescription] = []
        self.random = random.Random(seed)
        self.jobs: dict[JobId, JobDescription] = {}
        self.values: dict[JobId, str] = {}
        self.needed: dict[JobId, tuple[JobId, ...]] = {}
        self.program = PythonProgram(root)
        access: FileAccess = self.files  # type: ignore[assignment]
        described = self.program.jobs(access)
        self.jobs = {job.id: job for job in described}
        while len(self.values) < len(self.jobs):
            ready = [job for job in self.jobs.values() if job.id not in self.values and self._is_ready(job)]
            assert ready, "jobs wait for each other"
            self._run(self.random.choice(ready))
        first = described[0].id
        self.program.conclude(self.values[first], self._known(first), access)
        self.value = self.program.value

    @property
    def names(self) -> list[str]:
        """The names of the jobs in the order in which they ran."""
        return [job.name for job in self.order]

    def _run(self, job: JobDescription) -> None:
        module, _, function = job.body.partition(":")
        body: Callable[[Attempt, str, Mapping[JobId, str]], str] = getattr(import_module(module), function)
        attempt = Attempt(self, job)
        values: dict[JobId, str] = {}
        for producer in job.waits_for(EdgeKind.DATA):
            values.update(self._known(producer))
        try:
            value = body(attempt, self._text(job.payload), values)
        finally:
            shutil.rmtree(attempt.work_dir)
        self.order.append(job)
        self.values[job.id] = value
        self.needed[job.id] = tuple(attempt.needed)
        self.jobs.update({added.id: added for added in attempt.added})

    def _text(self, payload: Payload) -> str:
        return self.files.contents[payload.file.key].decode() if payload.file else payload.text or ""

    def _known(self, job: JobId) -> dict[JobId, str]:
        found = {job: self.values[job]}
        for need in self.needed[job]:
            found.update(self._known(need))
        return found

    def _is_ready(self, job: JobDescription) -> bool:
        return all(
            {
                EdgeKind.CHILD: self._has_run,
                EdgeKind.FOLLOW_ON: self._children_are_done,
                EdgeKind.DATA: self._is_known,
            }[edge.kind](edge.job)
            for edge in job.edges
        )

    def _has_run(self, job: JobId) -> bool:
        return job in self.values

    def _is_known(self, job: JobId) -> bool:
        return job in self.values and all(self._is_known(need) for need in self.needed[job])

    def _children_are_done(self, job: JobId) -> bool:
        return job in self.values and all(self._is_done(child) for child in self._after(job, EdgeKind.CHILD))

    def _is_done(self, job: JobId) -> bool:
        return self._children_are_done(job) and all(self._is_done(one) for one in self._after(job, EdgeKind.FOLLOW_ON))

    def _after(self, job: JobId, kind: EdgeKind) -> list[JobId]:
        return [one.id for one in self.jobs.values() if job in one.waits_for(kind)]


@pytest.fixture(scope="session")
def run() -> type[ReferenceRun]:
    """Runs a root job: ``run(root).value``."""
    return ReferenceRun


RunScript = Callable[..., "subprocess.CompletedProcess[str]"]


def _run_script_in(folder: Path, text: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(text)
    return subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="session")
def run_script_in() -> RunScript:
    """Writes a script into a folder, and runs it there: folder, text, arguments, and variables as keywords."""
    return _run_script_in


@pytest.fixture
def run_script(tmp_path: Path) -> RunScript:
    """As ``run_script_in``, in the test's folder."""
    return partial(_run_script_in, tmp_path)
