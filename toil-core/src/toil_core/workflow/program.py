"""A workflow in Python as a program that the engine runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import toil_core.workflow.body  # noqa: F401  imported here, so that workers inherit it and import nothing for a job
from toil_core.api.job import FileAccess
from toil_core.api.language import Program
from toil_core.api.storage import Storage
from toil_core.deployment import stand_in
from toil_core.errors import UsageError
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.model.payload import INLINE_LIMIT, Payload
from toil_core.workflow.compilation import compile_workflow
from toil_core.workflow.declared import Revision
from toil_core.workflow.job import Job, node_of
from toil_core.workflow.pickling import Values
from toil_core.workflow.script import main_script


class PythonProgram(Program):
    """The workflow that starts with a root job; with ``None``, one that was started before."""

    def __init__(self, root: Job[Any] | None) -> None:
        self._root = root
        self._script = main_script()
        stand_in.use(self._script)  # also for jobs of an earlier run, whose script may have lain elsewhere
        self.value: Any = None

    @property
    def name(self) -> str:
        """The root job's name."""
        return "workflow" if self._root is None else node_of(self._root).name

    def jobs(self, files: FileAccess) -> Sequence[JobDescription]:
        """The graph's jobs. Raises ``UsageError``, naming jobs, for a graph that could never finish."""
        if self._root is None:
            raise UsageError(
                "the run was ended before its first job was recorded, so that there is nothing to go on with",
                "Remove its job store with toil clean, then start without --restart",
            )

        def stored(text: str) -> Payload:
            if len(text) <= INLINE_LIMIT:
                return Payload(text=text)
            return Payload(file=files.write_bytes(text.encode("ascii")))

        return compile_workflow(node_of(self._root), self._script, stored)

    def revision(self, begun: Mapping[JobId, str]) -> Callable[[JobDescription], JobDescription]:
        """Jobs with the requirements and retries that the code gives them now."""
        return Revision(None if self._root is None else node_of(self._root), begun).revised

    def deploy(self, storage: Storage) -> Sequence[str]:
        """Put the script, what it imports, and what that needs into the job store."""
        from toil_core.deployment.collecting import collect
        from toil_core.deployment.sending import send
        from toil_core.deployment.started import started_script

        try:
            return send(collect(started_script(self._script)), storage)
        except OSError as error:
            raise UsageError(
                f"the workflow's code cannot be read: {error}",
                "Make it readable, or say --disable-auto-deployment if workers have it",
            ) from error

    def conclude(self, value: str, values: Mapping[JobId, str], files: FileAccess) -> None:
        """Keep the root's value, with every promise in it fulfilled, in ``value``; nothing is printed."""
        self.value = Values(values, self._script).load(value)
