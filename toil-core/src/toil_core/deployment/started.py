"""The script of this process as something to be sent, or why it cannot be."""

from __future__ import annotations

import os
import sys
from types import FunctionType

from toil_core.deployment.collecting import StartedScript
from toil_core.errors import UsageError


def started_script(name: str) -> StartedScript:
    """Where a script lies that ``workflow.script`` has named.

    Nothing to send is no error where nothing in ``__main__`` could be a job's. Raises ``UsageError`` for
    a script that has no file, or none that another machine could load.
    """
    if getattr(sys, "frozen", False):
        raise _cannot("this program is frozen into one file", "Run its script by Python")
    if not name:
        if not _defines_something():
            return StartedScript()
        raise _cannot(_why_no_file(), "Save it to a file, and run that")
    module, at, folder = name.rpartition("@")
    if at and os.path.isabs(folder) and not os.path.isabs(module):
        if not os.path.isdir(folder):
            raise _cannot(f"it lies inside the archive {folder}", "Unpack it")
        return StartedScript(folder, module=module)
    if not os.path.isfile(name):
        raise _cannot(f"{name} is no file that could be read again", "Save it to a file, and run that")
    folder, file = os.path.split(os.path.realpath(name))  # Python imports from beside the file that a link leads to
    return StartedScript(folder, file=file)


def _defines_something() -> bool:
    return any(_home(value) == "__main__" for value in list(vars(sys.modules["__main__"]).values()))


def _home(value: object) -> object:
    """The module that defines a function, a class, or a wrapper of one; ``None`` for other things."""
    if isinstance(value, (FunctionType, type)):
        return value.__module__
    return getattr(value, "__dict__", {}).get("__module__")


def _why_no_file() -> str:
    if "ipykernel" in sys.modules:
        return "it is a notebook"
    if hasattr(sys, "ps1"):
        return "it was typed at a prompt"
    if sys.argv[:1] == ["-c"]:
        return "it was given to python -c"
    return "it was read from standard input"


def _cannot(why: str, cure: str) -> UsageError:
    return UsageError(
        f"the workflow's script cannot be sent to workers, which see no file of this machine: {why}",
        f"{cure}, or say --disable-auto-deployment if workers have all its modules",
    )
