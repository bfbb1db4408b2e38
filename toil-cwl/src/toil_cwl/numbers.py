"""Numbers between YAML, JSON and command lines.

A command line shows a float in decimals, never with an exponent, as the reference runner does; what a
document writes as ``1.23e5`` is shown as ``123000``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any


class _Decimal(float):
    """A float that is printed without an exponent."""

    def __str__(self) -> str:
        return format(Decimal(repr(float(self))), "f")


def decimals(value: Any) -> Any:
    """A copy of a JSON value whose floats print as decimals."""
    if isinstance(value, float):
        return _Decimal(value)
    if isinstance(value, dict):
        return {key: decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decimals(item) for item in value]
    return value


def plain_json(value: Any) -> Any:
    """A value of a YAML document as plain JSON; whole numbers written with an exponent become integers."""
    if isinstance(value, dict):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item) for item in value]
    if isinstance(value, float) and getattr(value, "_exp", None) and value.is_integer():
        return int(value)
    return value
