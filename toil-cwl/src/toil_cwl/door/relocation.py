"""The files and directories that a document itself names: defaults of inputs, and what a tool's own
working directory begins with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cwltool.utils import visit_class

from toil_cwl.door.documents import Process, process_class, step_tool, steps
from toil_cwl.values import Object, Value, is_local

_INITIAL = "InitialWorkDirRequirement"


def named_files(root: Process) -> list[Object]:
    """Every File and Directory of this machine that the process, or one that it runs, names."""
    found: dict[str, Object] = {}
    _visit(root, lambda one: found.setdefault(str(one.get("location", "")), dict(one)))
    return [one for location, one in found.items() if is_local(location)]


def relocate(root: Process, places: Mapping[str, Object]) -> None:
    """Have the process name others in the place of those files and directories, known by their locations."""
    if places:
        _visit(root, lambda one: one.update(copy.deepcopy(places.get(str(one.get("location", "")), {}))))


def with_defaults(process: Process, inputs: Object) -> Object:
    """The inputs of a tool with its defaults in the place of those that are not given.

    Source: CWL v1.2 Command Line Tool, CommandInputParameter, ``default``.
    """
    defaults = {str(one["id"]).rpartition("#")[2].rpartition("/")[2]: one["default"] for one in _with_default(process)}
    return {**inputs, **{name: copy.deepcopy(one) for name, one in defaults.items() if inputs.get(name) is None}}


def with_local_files(process: Process, localized: Callable[[Value], Value]) -> Process:
    """The process with the files that its working directory begins with on this machine: itself if it names none."""
    if not _names_files(process):
        return process
    local = copy.copy(process)
    for field in ("requirements", "hints"):
        changed = [
            {**one, "listing": localized(one["listing"])} if one.get("class") == _INITIAL and "listing" in one else one
            for one in getattr(process, field)
        ]
        setattr(local, field, changed)
    return local


def _names_files(process: Process) -> bool:
    found: list[Any] = []
    listing = (process.get_requirement(_INITIAL)[0] or {}).get("listing")
    visit_class(listing, ("File", "Directory"), found.append)
    return bool(found)


def _with_default(process: Process) -> Iterator[Mapping[str, Any]]:
    return (one for one in process.tool["inputs"] if "default" in one)


def _visit(process: Process, see: Callable[[Any], Any]) -> None:
    parts = [process.tool["inputs"], process.requirements, process.hints]
    inner = steps(process) if process_class(process) == "Workflow" else []
    parts += [step.tool["inputs"] for step in inner]
    visit_class(parts, ("File", "Directory"), see)
    for step in inner:
        _visit(step_tool(step), see)
