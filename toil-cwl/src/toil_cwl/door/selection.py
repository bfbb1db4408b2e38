"""The part of a workflow that is to be run: what a target needs, one step, or what a step runs."""

from __future__ import annotations

import difflib
from typing import Any
from urllib.parse import urldefrag

from cwltool.load_tool import make_tool
from cwltool.subgraph import find_step, get_process, get_step, get_subgraph
from cwltool.workflow import Workflow
from schema_salad.sourceline import cmap

from toil_core.errors import UsageError
from toil_cwl.options import CwlOptions


def selected(process: Any, options: CwlOptions, context: Any) -> Any:
    """The process, or the part of it that the options name. Raises ``UsageError``."""
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
        return _remade(_subgraph(process, options.target, context), context)
    identifier = _identifier(process, options.single_step or options.single_process)
    if find_step(process.steps, identifier, context)[0] is None:
        known = [_name(process, str(step.tool["id"])) for step in process.steps]
        _refuse(options.single_step or options.single_process, "step", known)
    if options.single_step:
        return _remade(cmap(get_step(process, identifier, context)), context)
    tree, step = get_process(process, identifier, context)
    inherited = context.copy()
    inherited.requirements, inherited.hints = step.requirements, step.hints
    return _remade(tree, inherited)


def _subgraph(workflow: Any, names: tuple[str, ...], context: Any) -> Any:
    tree = workflow.tool
    known = [_name(workflow, str(one["id"])) for field in ("outputs", "steps", "inputs") for one in tree[field]]
    for name in names:
        if name not in known:
            _refuse(name, "output, step or input", known)
    return get_subgraph([_identifier(workflow, name) for name in names], workflow, context)


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
