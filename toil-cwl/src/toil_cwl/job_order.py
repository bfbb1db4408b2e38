"""The inputs of a run: a job order file, flags, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toil_cwl import door
from toil_cwl.options import CwlOptions
from toil_cwl.values import Object


def read_job_order(process: door.Process, words: Sequence[str], options: CwlOptions) -> Object:
    """The input object from ``[JOB_ORDER] [--input value ...]``.

    Locations are absolute; files are known to be there. Raises ``UsageError``.
    """
    rest = list(words)
    order: Object = {}
    if rest and not rest[0].startswith("--"):
        order = door.read_order(rest.pop(0), str(options.basedir) if options.basedir else "")
    if rest:
        order.update(door.parse_flags(process, rest))
    return door.normal_order(process, order, _base(options))


def _base(options: CwlOptions) -> str:
    return str(options.basedir or Path.cwd())
