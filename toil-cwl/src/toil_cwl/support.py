"""What a document may ask for that cannot be given here: found before anything runs."""

from __future__ import annotations

from toil_core.errors import UnsupportedFeature
from toil_cwl import door
from toil_cwl.options import CwlOptions


def refuse_unsupported(process: door.Process, options: CwlOptions) -> None:
    """Raise ``UnsupportedFeature`` if the process, or one inside it, needs what there is not."""
    # A tool inside a workflow may have a condition, and never run.
    if options.no_container and door.requires_container(process) and door.process_class(process) == "CommandLineTool":
        raise UnsupportedFeature(f"{process.tool['id']}: {door.NEEDS_CONTAINER}", door.WITH_CONTAINER)
    _refuse_updates(process)


def _refuse_updates(process: door.Process) -> None:
    """Stored files are immutable, so a tool cannot change a file that other steps see."""
    if door.process_class(process) == "Workflow":
        for step in door.steps(process):
            _refuse_updates(door.step_tool(step))
        return
    update = door.requirement(process, "InplaceUpdateRequirement")
    if update is not None and update.get("inplaceUpdate"):
        raise UnsupportedFeature(
            f"{process.tool['id']} updates its inputs in place (InplaceUpdateRequirement)",
            "Give the tool a writable copy instead: InitialWorkDirRequirement with writable: true",
        )
