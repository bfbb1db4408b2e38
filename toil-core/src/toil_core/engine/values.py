"""Values as text, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toil_core.api.job import FileAccess
from toil_core.engine.graph import Graph
from toil_core.model.ids import JobId
from toil_core.model.payload import EMPTY, Payload


def text_of(payload: Payload, files: FileAccess) -> str:
    """A payload's text. Raises ``NoSuchObject`` if its file is gone."""
    if payload.file is None:
        return payload.text or ""
    with files.open(payload.file) as stream:
        return stream.read().decode()


class RunValues(Mapping[JobId, str]):
    """The values of all jobs of a run that has come to its end, each read when it is looked up. Raises
    ``NoSuchObject`` then if its file is gone."""

    def __init__(self, graph: Graph, files: FileAccess) -> None:
        self._graph = graph
        self._files = files

    def __getitem__(self, job: JobId) -> str:
        return text_of(self._graph.jobs[job].value or EMPTY, self._files)

    def __iter__(self) -> Iterator[JobId]:
        return iter(self._graph.jobs)

    def __len__(self) -> int:
        return len(self._graph.jobs)
