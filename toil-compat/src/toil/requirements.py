"""A job's keywords, from upstream's words to the core's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from toil.accelerators import as_accelerators, described
from toil.promised import PromisedRequirement
from toil_core.model.requirements import Resources
from toil_core.model.units import parse_bytes
from toil_core.workflow import Computed, JobKeywords, JobSettings, Promise
from toil_core.workflow.settings import Declared, place_of

_TAKEN = ("memory", "cores", "disk", "accelerators", "preemptible", "walltime", "checkpoint")
"""Keywords of a wrapped function that are its job's. The function sees its own default of them."""

_SHARED = ("preemptable", "unitName", "displayName")
"""Keywords that are the job's, and the function's too if it has them."""


def keywords_of_job(**given: Any) -> JobKeywords:
    """What ``Job.__init__`` was given, in the core's words; what was not given is left out."""
    preemptible = given.get("preemptible")
    if preemptible is None:
        preemptible = given.get("preemptable")
    found: JobKeywords = {}
    if (checkpoint := given.get("checkpoint")) is not None:
        found["checkpoint"] = bool(checkpoint)
    if (cores := given.get("cores")) is not None:
        found["cores"] = _known_later(cores)
    if (memory := given.get("memory")) is not None:
        found["memory"] = _known_later(memory)
    if (disk := given.get("disk")) is not None:
        found["disk"] = _known_later(disk)
    if (accelerators := given.get("accelerators")) is not None:
        found["accelerators"] = _accelerators(accelerators)
    if preemptible is not None:
        found["preemptible"] = _known_later(preemptible)
    if (walltime := given.get("walltime")) is not None:
        found["time_limit"] = _known_later(walltime)
    return found


def shown(source: JobSettings | Resources, name: str) -> Any:
    """A requirement in upstream's words: sizes in bytes, whole cores as ``int``, accelerators as dictionaries."""
    if name == "walltime":
        return source.time_limit_seconds if isinstance(source, Resources) else source.time_limit
    value = getattr(source, name)
    if name in ("memory", "disk") and isinstance(value, (str, int, float)):
        return parse_bytes(value)
    if name == "accelerators" and isinstance(value, (list, tuple)):
        return [described(one) for one in value]
    if name == "cores" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def keywords_of_call(function: Callable[..., Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Take the job's keywords out of a wrapped function's; the defaults of its parameters count too."""
    parameters = _parameters(function)
    found: dict[str, Any] = {}
    for name in _TAKEN:
        parameter = parameters.get(name)
        has_default = parameter is not None and parameter.default is not inspect.Parameter.empty
        if name in kwargs:
            found[name] = kwargs[name] if parameter is not None and not has_default else kwargs.pop(name)
        elif parameter is not None and has_default:
            found[name] = parameter.default
    for name in _SHARED:
        if name in kwargs:
            found[name] = kwargs[name] if name in parameters else kwargs.pop(name)
    return found


@lru_cache(maxsize=512)
def declared_by(function: Callable[..., Any]) -> Declared:
    """What the defaults of a function's parameters say of its jobs, and where."""
    return Declared(place_of(function, f"{__name__}:{settings_of.__name__}"), settings_of(function))


def settings_of(function: Callable[..., Any]) -> JobSettings:
    """What the defaults of a function's parameters say of its jobs."""
    return JobSettings().updated(**keywords_of_job(**keywords_of_call(function, {})))


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # some functions written in C do not tell
        return {}


def _known_later(value: Any) -> Any:
    return value.computed() if isinstance(value, PromisedRequirement) else value


def _accelerators(value: Any) -> Any:
    if isinstance(value, Promise):
        return Computed(as_accelerators, (value,))
    if isinstance(value, PromisedRequirement):
        return Computed(as_accelerators, (value.computed(),))
    return as_accelerators(value)
