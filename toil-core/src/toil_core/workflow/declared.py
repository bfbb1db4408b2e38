"""Where the settings of jobs are declared, so that a restart can read them anew.

A description says where as text: ``module:name``, then the settings that the job has of its own.
Settings that are not declared by ``@job`` name who reads them: ``reader_module:reader@module:name``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.workflow.compilation import held_name
from toil_core.workflow.node import Node, reachable
from toil_core.workflow.settings import Declared, JobSettings

_REQUIREMENTS = {
    "cores": "cores",
    "memory": "memory",
    "disk": "disk",
    "accelerators": "accelerators",
    "preemptible": "preemptible",
    "time_limit": "time_limit_seconds",
}
"""Settings, and what they are called in requirements."""


class Revision:
    """Reads again what jobs ask for, in the code as it is now, for those that have not run.

    If the graph that ``root`` is given with now has the jobs that the run has ``begun`` with, by their
    names, it says what these ask for; of all others, and of jobs that were added since, their declarations.
    """

    def __init__(self, root: Node | None, begun: Mapping[JobId, str]) -> None:
        nodes = [] if root is None else reachable(root)
        given = {JobId(str(number)): node for number, node in enumerate(nodes)}
        is_same = {number: _name(node) for number, node in given.items()} == begun
        self._given = given if is_same else {}
        self._declared: dict[str, JobSettings | None] = {}

    def revised(self, job: JobDescription) -> JobDescription:
        """A job as it would be described now. Raises ``UsageError`` for settings that make no sense."""
        node = self._given.get(job.id)
        if node is not None and node.work is not None:
            return job if node.settings.is_promised else _with(job, node.settings, ())
        place, *own = job.declared.split(" ")
        if not place:
            return job
        if place not in self._declared:
            self._declared[place] = _read(place)
        settings = self._declared[place]
        return job if settings is None or settings.is_promised else _with(job, settings, own)


def _name(node: Node) -> str:
    is_held = node.work is not None and node.settings.is_promised
    return held_name(node.name) if is_held else node.name


def _with(job: JobDescription, settings: JobSettings, own: list[str] | tuple[str, ...]) -> JobDescription:
    kept = {
        _REQUIREMENTS[name]: getattr(job.requirements, _REQUIREMENTS[name]) for name in own if name in _REQUIREMENTS
    }
    requirements = replace(settings.requirements(job.name), **kept)
    retries = job.retries if "retries" in own else settings.retries
    if (requirements, retries) == (job.requirements, job.retries):
        return job
    return replace(job, requirements=requirements, retries=retries)


def _read(place: str) -> JobSettings | None:
    """The settings declared at a place; ``None`` if that is not there any more."""
    reader, _, target = place.rpartition("@")
    found = _at(target)
    if reader and found is not None:
        read: Callable[[Any], JobSettings] | None = _at(reader)
        return None if read is None else read(found)
    declared = getattr(found, "declared", None)
    return declared.settings if isinstance(declared, Declared) else None


def _at(target: str) -> Any:
    module, _, name = target.partition(":")
    try:
        home = sys.modules.get(module) or importlib.import_module(module)
        return reduce(getattr, name.split("."), home)
    except (ImportError, AttributeError):
        return None
