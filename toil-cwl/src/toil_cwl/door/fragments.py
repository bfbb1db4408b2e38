"""Fragments that name a step: ``workflow.cwl#step``, and ``packed.cwl#main/step``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ruamel.yaml.error import YAMLError
from schema_salad.utils import yaml_no_ts

from toil_cwl.door.fetching import text_of
from toil_cwl.options import CwlOptions


def step_as_option(document: str, options: CwlOptions) -> tuple[str, CwlOptions]:
    """A document whose fragment names a step, as its workflow with ``single_step``; anything else as it is."""
    file, _, fragment = document.partition("#")
    text = text_of(file) if fragment else ""
    if not text or ("$graph" in text and "/" not in fragment):
        return document, options  # a process, and reading a packed document takes its time
    try:
        tree = yaml_no_ts().load(text)
    except YAMLError:
        return document, options  # whoever reads it next says what is wrong with it
    if not isinstance(tree, dict):
        return document, options
    if "$graph" not in tree:
        found, process, step = tree, "", fragment
    else:
        process, _, step = fragment.partition("/")
        found = next((one for one in _list(tree["$graph"]) if _name(one) == process), {})
    if step.partition("/")[0] not in _steps(found):
        return document, options
    return f"{file}#{process}".rstrip("#"), replace(options, single_step=step)


def _steps(workflow: Any) -> list[str]:
    steps = workflow.get("steps") if isinstance(workflow, dict) else None
    return list(steps) if isinstance(steps, dict) else [_name(one) for one in _list(steps)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(one: Any) -> str:
    return str(one.get("id", "")).removeprefix("#").rpartition("/")[2] if isinstance(one, dict) else ""
