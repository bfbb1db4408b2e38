"""The version of this distribution, by upstream's names."""

from __future__ import annotations

version = "0.1.0"
baseVersion = version
distVersion = version
