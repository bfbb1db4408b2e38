"""Orders, outcomes and journal records as JSON objects, and back.

One spelling for sockets, ``orders/``, ``results/`` and the journal. Fields that hold their default
are left out. Unknown fields are ignored, so that an older reader survives an addition; anything
else that does not fit raises ``WireError``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from toil_core.model import record
from toil_core.model.order import WorkOrder
from toil_core.model.outcome import Outcome

Wire = Any  # a JSON value; its shape is checked by the decoders


class WireError(ValueError):
    """Text that is no order, outcome or record of ours."""


def encode_order(order: WorkOrder) -> str:
    """A work order as one line of JSON."""
    return json.dumps(encode(order), separators=(",", ":"))


def decode_order(text: str) -> WorkOrder:
    """The work order of a line of JSON. Raises ``WireError``."""
    order: WorkOrder = _parsed(WorkOrder, text)
    return order


def encode_outcome(outcome: Outcome) -> str:
    """An outcome as one line of JSON."""
    return json.dumps(encode(outcome), separators=(",", ":"))


def decode_outcome(text: str) -> Outcome:
    """The outcome of a line of JSON. Raises ``WireError``."""
    outcome: Outcome = _parsed(Outcome, text)
    return outcome


def encode_record(value: record.Record) -> str:
    """A journal record as one line of JSON: its kind, then its fields."""
    return json.dumps([type(value).__name__, encode(value)], separators=(",", ":"))


_RECORDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(record.Record)}


def decode_record(text: str) -> record.Record:
    """The journal record of a line of JSON. Raises ``WireError``."""
    try:
        name, body = json.loads(text)
        kind = _RECORDS[name]
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"not a journal record: {text[:80]!r}") from error
    result: record.Record = _decoded(kind, body)
    return result


def encode(value: Any) -> Wire:
    """Any of the model's frozen dataclasses as a JSON value."""
    kind: Any = type(value)
    return _encoder(kind)(value)


def decode(kind: type[Any], wire: Wire) -> Any:
    """The reverse of ``encode`` for a value of the given class. Raises ``WireError``."""
    return _decoded(kind, wire)


def _parsed(kind: type[Any], text: str) -> Any:
    try:
        wire = json.loads(text)
    except ValueError as error:
        raise WireError(f"not JSON: {text[:80]!r}") from error
    return _decoded(kind, wire)


def _decoded(kind: Any, wire: Wire) -> Any:
    try:
        return _decoder(kind)(wire)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"not a {kind.__name__}: {error}") from error


@cache
def _encoder(kind: Any) -> Callable[[Any], Wire]:
    if kind in (str, int, float, bool, NoneType):
        return lambda value: value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    if kind is tuple:
        return lambda value: [encode(item) for item in value]
    if is_dataclass(kind):
        return _dataclass_encoder(kind)
    raise TypeError(f"no wire form for {kind!r}")


def _dataclass_encoder(kind: Any) -> Callable[[Any], Wire]:
    plan = [(f.name, f.default) for f in fields(kind)]

    def to_wire(value: Any) -> Wire:
        wire = {}
        for name, default in plan:
            item = getattr(value, name)
            if default is MISSING or item != default:
                wire[name] = item if type(item) in (str, int, float) else encode(item)
        return wire

    return to_wire


@cache
def _decoder(kind: Any) -> Callable[[Wire], Any]:
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    if kind in (str, int, float, bool):
        return lambda wire: wire
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple_decoder(get_args(kind))
    if origin in (Union, UnionType):
        inner = _decoder(next(arg for arg in get_args(kind) if arg is not NoneType))
        return lambda wire: None if wire is None else inner(wire)
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    raise TypeError(f"no wire form for {kind!r}")


def _tuple_decoder(args: tuple[Any, ...]) -> Callable[[Wire], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        item = _decoder(args[0])
        return lambda wire: tuple(item(one) for one in wire)
    parts = [_decoder(arg) for arg in args]
    return lambda wire: tuple(part(one) for part, one in zip(parts, wire, strict=True))


def _dataclass_decoder(kind: Any) -> Callable[[Wire], Any]:
    hints = get_type_hints(kind)
    decoders = {f.name: _decoder(hints[f.name]) for f in fields(kind)}

    def from_wire(wire: Wire) -> Any:
        return kind(**{name: decoders[name](item) for name, item in wire.items() if name in decoders})

    return from_wire
