"""What a job's wiring gives it: values that were there before, and outputs of other jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toil_core.model.ids import JobId
from toil_cwl import door
from toil_cwl.links import linked
from toil_cwl.updates import updated, updates_of
from toil_cwl.values import Object, Value, outputs_of


class Wired:
    """The wiring in a body's payload (``graph.Wiring``), with the values that the job was given."""

    def __init__(self, order: Mapping[str, Any], values: Mapping[JobId, str]) -> None:
        self._given: Mapping[str, Value] = order.get("given", {})
        self._made: Mapping[str, tuple[str, str]] = order.get("made", {})
        self._outputs = {job: outputs_of(job, values) for job in {job for job, _ in self._made.values()}}
        self.updates = {**order.get("updates", {}), **updates_of(self._outputs.values())}

    def value(self, source: str) -> Value:
        """The value of a source, as it is now."""
        if source in self._given:
            found = self._given[source]
        else:
            job, output = self._made[source]
            found = self._outputs[job].get(output)
        return updated(found, self.updates)

    def inputs(self, step: door.Step) -> Object:
        """A step's inputs from their sources, by their full identifiers."""
        return {str(one["id"]): linked(one, "source", self.value) for one in step.tool["inputs"]}
