"""The part of a workflow that is to be run: what a target needs, one step, or what a step runs."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urldefrag

from cwltool.load_tool import make_tool
from cwltool.process import shortname
from cwltool.subgraph import get_step, get_subgraph
from cwltool.utils import aslist
from cwltool.workflow import Workflow
from schema_salad.sourceline import cmap

from toil_core.errors import UsageError
from toil_cwl.options import CwlOptions

_PLAIN = ("null", "boolean", "int", "long", "float", "double", "string", "File", "Directory", "Any")


def selected(process: Any, options: CwlOptions, context: Any, fresh: Callable[[], Any]) -> Any:
    """The process, or the part of it that the options name. Raises ``UsageError``.

    ``context`` is cwltool's, in which the process was made; ``fresh`` gives another one of the same
    document in which nothing was made: what is made twice in one loses the version it was written in.
    """
    chosen = [
        flag
        for flag, value in (
            ("--target", options.target),
            ("--single-step", options.single_step),
            ("--single-process", options.single_process),
        )
        if value
    ]
    if not chosen:
        return process
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    if not isinstance(process, Workflow):
        raise UsageError(f"{chosen[0]} needs a workflow, and {process.tool['id']} is a {process.tool['class']}")
    if options.target:
        return _remade(_subgraph(process, options.target, context), fresh())
    name = options.single_step or options.single_process
    workflow, step = _step(process, name)
    if options.single_process:
        return step.embedded_tool
    inherited = fresh().copy()
    inherited.requirements, inherited.hints = workflow.requirements, workflow.hints
    part = get_step(workflow, str(step.tool["id"]), context)
    if context.do_update:  # else it is to be shown, as cwltool shows it
        _mend_inputs(part, step)
    return _remade(cmap(part), inherited)


def _step(workflow: Any, path: str) -> tuple[Any, Any]:
    """A step, named by the steps that lead to it, and the workflow that it is of."""
    name, _, rest = path.partition("/")
    steps = {shortname(str(step.tool["id"])): step for step in workflow.steps}
    if name not in steps:
        _refuse(name, "step", list(steps))
    if not rest:
        return workflow, steps[name]
    inner = steps[name].embedded_tool
    if not isinstance(inner, Workflow):
        raise UsageError(f'The step "{name}" runs no workflow, so that it has no step "{rest}"')
    return _step(inner, rest)


def _subgraph(workflow: Any, names: tuple[str, ...], context: Any) -> Any:
    tree = workflow.tool
    known = [_name(workflow, str(one["id"])) for field in ("outputs", "steps", "inputs") for one in tree[field]]
    for name in names:
        if name not in known:
            _refuse(name, "output, step or input", known)
    sources = {str(port["id"]): port["source"] for step in tree["steps"] for port in step["in"] if "source" in port}
    found = get_subgraph([_identifier(workflow, name) for name in names], workflow, context)
    _mend_sources(found, sources)
    return found


def _mend_sources(part: Any, sources: Mapping[str, Any]) -> None:
    """cwltool leaves of a list of sources only those that it made inputs of the part, and lets outputs
    name sources that are no longer there."""
    inputs = {str(one["id"]) for one in part["inputs"]}
    made = {str(out["id"] if isinstance(out, dict) else out) for step in part["steps"] for out in step["out"]}
    for step in part["steps"]:
        for port in step["in"]:
            before = sources.get(str(port["id"]))
            if isinstance(before, list):
                port["source"] = [one if one in inputs | made else _as_input(one) for one in before]
    for output in list(part["outputs"]):
        if isinstance(output.get("outputSource"), list):
            output["outputSource"] = [one for one in output["outputSource"] if one in inputs | made]
            if not output["outputSource"]:
                part["outputs"].remove(output)


def _mend_inputs(part: Any, step: Any) -> None:
    """cwltool lets a step take anything. What it hands to its tool as it is, is of the tool's type: flags and
    secondary files depend on it."""
    known = {shortname(str(one["id"])): one for one in step.embedded_tool.tool["inputs"]}
    ports = {shortname(str(port["id"])): port for port in step.tool["in"]}
    scattered = {shortname(str(one)) for one in aslist(step.tool.get("scatter", []))}
    for one in part["inputs"]:
        name = str(one["id"]).lstrip("#")
        own, port = known.get(name), ports.get(name, {})
        if own is None or name in scattered or "valueFrom" in port or not _is_plain(own["type"]):
            continue
        is_optional = "default" in one and "null" not in aslist(own["type"])
        one["type"] = ["null", *aslist(own["type"])] if is_optional else copy.deepcopy(own["type"])
        if own.get("secondaryFiles"):
            one["secondaryFiles"] = copy.deepcopy(own["secondaryFiles"])


def _is_plain(kind: Any) -> bool:
    """Whether a type is none of those that have names of their own."""
    if isinstance(kind, list):
        return all(_is_plain(one) for one in kind)
    if isinstance(kind, dict):
        return bool(kind["type"] == "array") and _is_plain(kind["items"])
    return kind in _PLAIN


def _as_input(source: str) -> str:
    """The input that cwltool makes of a step's output whose step is not in the part."""
    file, name = urldefrag(source)
    return f"{file}#{name.replace('/', '_')}"


def _remade(tree: Any, context: Any) -> Any:
    context.loader.idx[tree["id"]] = tree
    return make_tool(tree["id"], context)


def _identifier(workflow: Any, name: str) -> str:
    identifier = str(workflow.tool["id"])
    return f"{identifier}/{name}" if urldefrag(identifier)[1] else f"{identifier}#{name}"


def _name(workflow: Any, identifier: str) -> str:
    return identifier[len(_identifier(workflow, "")) :]


def _refuse(name: str, kind: str, known: list[str]) -> None:
    near = difflib.get_close_matches(name, known, 1)
    cure = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}"
    raise UsageError(f'The workflow has no {kind} "{name}"', cure)
