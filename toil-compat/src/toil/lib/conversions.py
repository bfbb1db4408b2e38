"""Sizes as people write them."""

from __future__ import annotations

from toil_core.model.units import format_bytes, parse_bytes


def human2bytes(string: str) -> int:
    """Bytes from ``2Gi`` or ``500M``. Raises ``ValueError``."""
    return parse_bytes(string)


def bytes2human(n: float) -> str:
    """Bytes for people: ``2.0 GiB``."""
    return format_bytes(int(n))
