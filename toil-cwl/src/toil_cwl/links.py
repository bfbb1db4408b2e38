"""How the sources of a step's input, or of a workflow's output, become one value.

CWL Workflow v1.2, sections 4.1 and 4.2: ``linkMerge``, ``pickValue``, ``default``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toil_core.api.job import JobFailure
from toil_core.model.outcome import FailureKind
from toil_cwl.values import Value


def sources_of(parameter: Mapping[str, Any], field: str) -> list[str]:
    """The identifiers in ``source`` or ``outputSource``."""
    found = parameter.get(field)
    if found is None:
        return []
    return list(found) if isinstance(found, (list, tuple)) else [str(found)]


def linked(parameter: Mapping[str, Any], field: str, lookup: Callable[[str], Value]) -> Value:
    """A parameter's value from its sources; ``None`` if it has neither a value nor a default.

    Raises ``JobFailure`` if ``pickValue`` cannot pick.
    """
    sources = sources_of(parameter, field)
    value = _merged([lookup(source) for source in sources], parameter.get("linkMerge")) if sources else None
    method = parameter.get("pickValue")
    if method is not None and isinstance(value, list):
        value = _picked(value, method, str(parameter["id"]))
    return parameter.get("default") if value is None else value


def _merged(values: Sequence[Value], method: str | None) -> Value:
    if method is None and len(values) == 1:
        return values[0]
    if method == "merge_flattened":
        flat: list[Value] = []
        for value in values:
            flat += value if isinstance(value, list) else [value]
        return flat
    return list(values)


def _picked(values: Sequence[Value], method: str, name: str) -> Value:
    present = [value for value in values if value is not None]
    short = name.rpartition("#")[2]
    if method == "all_non_null":
        return present
    if not present:
        raise JobFailure(
            f'every source of "{short}" is null, and {method} needs one that is not', FailureKind.PERMANENT
        )
    if method == "the_only_non_null" and len(present) > 1:
        raise JobFailure(
            f'{len(present)} sources of "{short}" are not null, and the_only_non_null allows one', FailureKind.PERMANENT
        )
    return present[0]
