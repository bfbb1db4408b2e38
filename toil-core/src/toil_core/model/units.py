"""Sizes and durations as people write them."""

from __future__ import annotations

import math
import re

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgtpe]?)(i?)(b?)\s*", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


def parse_bytes(text: str | int | float) -> int:
    """Bytes from ``2Gi``, ``500M``, ``1.5 GB`` or a plain number.

    ``K M G T P E`` are powers of 1,000, with an ``i`` behind them powers of 1,024 (IEC 80000-13).
    Raises ``ValueError`` with what was expected.
    """
    if isinstance(text, (int, float)):
        return int(text)
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a size: {text!r} (a size is a number of bytes, or like 500M, 2Gi)")
    number, prefix, binary, _ = match.groups()
    if binary and not prefix:
        raise ValueError(f"not a size: {text!r} (a size is a number of bytes, or like 500M, 2Gi)")
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[prefix.lower()])


def parse_cores(text: str | float) -> float:
    """A number of cores, which may be a fraction. Raises ``ValueError`` with what was expected."""
    try:
        cores = float(text)
    except ValueError as error:
        raise ValueError("not a number of cores") from error
    if not cores > 0:  # nor a number at all
        raise ValueError(f"not a number of cores above 0: {cores:g}")
    return cores


def parse_seconds(text: str | float) -> float:
    """A duration in seconds. Raises ``ValueError`` with what was expected."""
    try:
        seconds = float(text)
    except ValueError as error:
        raise ValueError("not a number of seconds") from error
    if not 0 <= seconds < math.inf:  # nor a number at all
        raise ValueError(f"not a number of seconds from 0 on: {seconds:g}")
    return seconds


def format_bytes(size: int) -> str:
    """Bytes for people, in binary units: ``2.0 GiB``."""
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if abs(value) < 1024 or unit == "PiB":
            return f"{int(value)} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")


def format_seconds(seconds: float) -> str:
    """A duration for people: ``0.4 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
