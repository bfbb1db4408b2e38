"""Inputs that tools update in place (CWL v1.2, section 5.9, InplaceUpdateRequirement), with no stored file changed.

The tool gets a writable copy, and what it left is stored beside what was there. Its outputs tell which location
stands for which value from now on; so do those of every job after it, and each applies that to its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toil_cwl.values import UPDATES, Object, Value, transform

Updates = Mapping[str, Object]
"""The new File or Directory by the location of the old one."""


def updates_of(outputs: Iterable[Mapping[str, Value]]) -> Updates:
    """Every update that some jobs' outputs tell of."""
    return {location: new for one in outputs for location, new in one.get(UPDATES, {}).items()}


def with_updates(outputs: Object, updates: Updates) -> Object:
    """A job's outputs, telling of updates if there are any."""
    return {**outputs, UPDATES: dict(updates)} if updates else outputs


def without_updates(outputs: Mapping[str, Value]) -> Object:
    """The outputs that a person sees."""
    return {name: value for name, value in outputs.items() if name != UPDATES}


def updated(value: Value, updates: Updates) -> Value:
    """A value as it is now: with the last update of every File and Directory in it."""
    return transform(value, lambda one: _current(one, updates)) if updates else value


def _current(one: Object, updates: Updates) -> Object:
    found = dict(one)
    while (new := updates.get(str(found.get("location")))) is not None:
        found = {**found, **{name: item for name, item in new.items() if name != "basename"}}
    for name in ("secondaryFiles", "listing"):
        if name in found:
            found[name] = [_current(item, updates) for item in found[name]]
    return found
