"""The inputs of a run: a job order file, flags, or nothing."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence
from pathlib import Path

from toil_core.errors import UsageError
from toil_cwl import door
from toil_cwl.engines import with_container_settings
from toil_cwl.options import CwlOptions
from toil_cwl.positions import positioned
from toil_cwl.registry import Loaded, short
from toil_cwl.values import Object

_log = logging.getLogger("toil.cwl")


def load_with_inputs(document: str, words: Sequence[str], options: CwlOptions) -> tuple[Loaded, Object]:
    """A document and its input object, from ``[JOB_ORDER] [--input value ...]``. In the document's place
    may stand a job order that names it.

    Locations are absolute, and local files are known to be there. Raises ``UsageError``.
    """
    options = with_container_settings(door.with_software_settings(door.with_mpi_settings(options)))
    order: Object = {}
    positions: dict[str, str] = {}
    amendments: list[door.Amendment] = []
    source, flags = order_and_flags(words)
    sources = [source] if source else []
    named = door.named_document(document)
    if named:
        document, sources = named, [document, *sources]
    document, options = door.step_as_option(document, options)
    if options.overrides:
        amendments += door.amendments_of_file(options.overrides, document)
    for one in sources:
        read, found = door.read_order(one, str(options.basedir) if options.basedir else "")
        positions |= found
        amendments += door.amendments_of_order(read, one, document)
        order.update(read)
    secrets: dict[str, str] = {}
    loaded = Loaded(door.load_document(document, options, amendments), options, secrets, positions)
    root = loaded.document.root
    if flags:
        given = door.parse_flags(root, flags, document)
        order.update(given)
        for name in given:
            positions.pop(name, None)
    with positioned(positions):
        _refuse_misspelt(root, order)
        order = door.hidden(root, order, secrets)
        return loaded, door.normal_order(root, order, str(options.basedir or Path.cwd()))


def order_and_flags(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The job order among what follows the document, empty if there is none, and the rest."""
    if words and (words[0] == "-" or not words[0].startswith("-")):
        return words[0], words[1:]
    return "", words


def _refuse_misspelt(process: door.Process, order: Object) -> None:
    """Raise ``UsageError`` for a name that is nearly one of an input that is not given.

    Other unknown names are told and let pass: a job order may serve several documents.
    """
    names = [short(str(one["id"])) for one in process.tool["inputs"]]
    absent = [name for name in names if name not in order]
    for name in order:
        if name in names:
            continue
        near = difflib.get_close_matches(name, absent, 1)
        if near:
            raise UsageError(f'The document has no input "{name}"', f"Did you mean {near[0]}?")
        _log.warning('The document has no input "%s": what the job order says of it is ignored', name)
