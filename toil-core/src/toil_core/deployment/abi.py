"""What compiled code must have been made for to run here."""

from __future__ import annotations

import sysconfig


def abi_here() -> str:
    """The interpreter, its version and the platform, as one word."""
    return f"{sysconfig.get_config_var('SOABI') or ''}@{sysconfig.get_platform()}"
