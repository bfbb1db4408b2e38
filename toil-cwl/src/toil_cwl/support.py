"""What a document may ask for that cannot be given here: found before anything runs."""

from __future__ import annotations

from toil_core.errors import UnsupportedFeature
from toil_cwl import door


def refuse_unsupported(process: door.Process) -> None:
    """Raise ``UnsupportedFeature`` if the process, or one inside it, needs what there is not.

    Stored files are immutable, so a tool cannot change a file that other steps see.
    """
    if door.process_class(process) == "Workflow":
        for step in door.steps(process):
            refuse_unsupported(door.step_tool(step))
        return
    update = door.requirement(process, "InplaceUpdateRequirement")
    if update is not None and update.get("inplaceUpdate"):
        raise UnsupportedFeature(
            f"{process.tool['id']} updates its inputs in place (InplaceUpdateRequirement)",
            "Give the tool a writable copy instead: InitialWorkDirRequirement with writable: true",
        )
