"""The values of a run that ended, for the program that concludes it."""

from __future__ import annotations

from io import BytesIO

import pytest

from toil_core.engine.graph import Graph
from toil_core.engine.values import RunValues
from toil_core.model.description import JobDescription
from toil_core.model.file import FileRef
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload

FILE = FileRef("content", 5)


class Files:
    """Files of which each reading is counted."""

    def __init__(self):
        self.read = 0

    def open(self, ref):
        assert ref == FILE
        self.read += 1
        return BytesIO(b"there")


def test_the_value_of_any_job_is_read_when_it_is_looked_up():
    graph, files = Graph(), Files()
    graph.add([JobDescription(JobId(name), name, "") for name in ("short", "long", "silent")], None)
    graph.jobs[JobId("short")].value = Payload("here")
    graph.jobs[JobId("long")].value = Payload(file=FILE)
    values = RunValues(graph, files)
    assert (values[JobId("short")], values[JobId("silent")]) == ("here", "")
    assert (list(values), len(values), files.read) == (["short", "long", "silent"], 3, 0)
    assert (values[JobId("long")], files.read) == ("there", 1)
    with pytest.raises(KeyError):
        values[JobId("unknown")]
