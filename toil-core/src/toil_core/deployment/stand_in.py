"""The script that stands for the one a workflow was started from, where that is not to be used."""

from __future__ import annotations

_script = ""


def script() -> str:
    """Its name, as ``workflow.script`` names scripts; empty if there is none."""
    return _script


def use(name: str) -> None:
    """From now on, take the functions of whichever script jobs were made by from this one."""
    global _script
    _script = name
