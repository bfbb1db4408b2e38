"""Sizes and durations as people write them."""

from __future__ import annotations

import re

from toil_core.errors import UsageError
from toil_core.model.units import format_bytes, parse_bytes

_HMS = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


def human2bytes(string: str) -> int:
    """Bytes from ``2Gi`` or ``500M``. Raises ``ValueError``."""
    return parse_bytes(string)


def bytes2human(n: float) -> str:
    """Bytes for people: ``2.0 GiB``."""
    return format_bytes(int(n))


def convert_units(num: float, src_unit: str, dst_unit: str = "B") -> float:
    """A size in another unit: ``convert_units(3, "GiB", "MiB")`` is 3072. Raises ``ValueError``."""
    return num * parse_bytes(f"1{src_unit}") / parse_bytes(f"1{dst_unit}")


def hms_duration_to_seconds(hms: str) -> float:
    """Seconds from ``HH:MM:SS``. Raises ``UsageError``."""
    match = _HMS.fullmatch(hms)
    if match is None:
        raise UsageError(f"not a duration: {hms!r}", "Write it as HH:MM:SS")
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
