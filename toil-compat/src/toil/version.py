"""The version of this distribution, by upstream's names."""

from __future__ import annotations

import sys

version = "0.1.0"
baseVersion = version
distVersion = version
exactPython = f"python{sys.version_info.major}.{sys.version_info.minor}"
python = exactPython
