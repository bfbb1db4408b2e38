"""Processes that a tool of the run makes (``cwltool:ProcessGenerator``)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from toil_core.api.job import JobContext, JobFailure
from toil_core.errors import UnsupportedFeature, UsageError
from toil_core.model.outcome import FailureKind
from toil_cwl import door
from toil_cwl.imports import imported_of_document
from toil_cwl.registry import Loaded, short, store
from toil_cwl.values import Object, is_file, ref_of


def generated(
    generator: door.Process, outputs: Object, inputs: Object, context: JobContext, known: Loaded
) -> tuple[str, Object]:
    """The key of the process that ``generator`` made, and its inputs: those that were made too, or else those
    that the generator was given and did not take. Raises ``JobFailure``."""
    file: Object = outputs.get("runProcess") or {}
    if not is_file(file):
        raise JobFailure("the generator of a process has no output runProcess that is a file", FailureKind.PERMANENT)
    folder = context.work_dir / "generated"
    folder.mkdir()
    options = replace(known.options, target=(), single_step="", single_process="")  # those are of the whole document
    try:
        document = door.load_document(_placed(file, folder, context).as_uri(), options)
    except UnsupportedFeature:
        raise
    except UsageError as error:
        raise JobFailure(str(error), FailureKind.PERMANENT) from error
    made = Loaded(document, options, known.secrets)
    taken = {short(str(one["id"])) for one in generator.tool["inputs"]}
    rest = {name: value for name, value in inputs.items() if name not in taken}
    given = outputs.get("runInputs")
    return store(
        made, context.files, imported_of_document(document.root, context.files)
    ), rest if given is None else given


def _placed(file: Object, folder: Path, context: JobContext) -> Path:
    """The file below the folder, by its name, with those that belong to it beside it."""
    for one in file.get("secondaryFiles", ()):
        _placed(one, folder, context)
    path = folder / Path(file["basename"]).name
    ref = ref_of(file.get("location", ""))
    if ref is None:
        path.write_text(file.get("contents", ""))
    else:
        context.files.read(ref, path, mutable=True)
    return path
