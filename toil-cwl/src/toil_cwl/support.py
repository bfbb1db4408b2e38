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
