"""Steps that are repeated (CWL Workflow v1.3, WorkflowStep: ``loop``; before that ``cwltool:Loop``)."""

from __future__ import annotations

from collections.abc import Mapping

from toil_cwl import door
from toil_cwl.links import linked
from toil_cwl.options import CwlOptions
from toil_cwl.registry import short
from toil_cwl.values import Object, Value


def keeps_all(step: door.Step) -> bool:
    """Whether the step's outputs are lists of those of all iterations; else they are those of the last one."""
    return bool(step.tool.get("outputMethod") == "all_iterations")


def next_inputs(step: door.Step, inputs: Object, outputs: Mapping[str, Value], options: CwlOptions) -> Object:
    """The step's inputs for the iteration after the one that made ``outputs`` of ``inputs``.

    What no rule of the loop names stays as it is. Raises ``JobFailure`` if an expression fails.
    """
    before = {short(name): value for name, value in inputs.items()}
    following = dict(inputs)
    for rule in step.tool.get("loop") or ():
        value = linked(rule, "outputSource", lambda source: outputs.get(short(source)))
        if "valueFrom" in rule:
            value = door.evaluate(rule["valueFrom"], before, value, step, options)
        following[str(rule["id"])] = value
    return following
