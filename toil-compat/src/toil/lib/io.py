"""Temporary directories."""

from __future__ import annotations

import tempfile


def mkdtemp(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:
    """A new empty directory, as ``tempfile.mkdtemp``."""
    return tempfile.mkdtemp(suffix=suffix, prefix=prefix, dir=dir)
