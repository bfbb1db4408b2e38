"""The script a workflow was started from, as other processes find it.

Functions of a script live in the module ``__main__`` of the process that started it. Workers that
were forked from it have the same ``__main__``; others load the script as ``__mp_main__``, and have it for their
``__main__``: that is what ``multiprocessing`` calls the main module in the processes it starts, so that those which
an author's code starts in a worker find its functions.
A script is named by text: ``/path/to/script.py``, or ``package.module@/folder`` after
``python -m package.module``, without the folder where the package is installed; empty where there is no
file (a prompt, ``python -c``). With ``apart:`` before it, the script is loaded also by who has it as ``__main__``:
there, names of functions stand for something else by the time that the workflow starts.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from types import ModuleType

from toil_core.deployment import stand_in
from toil_core.errors import InternalError, UsageError

LOADED_AS = "__mp_main__"

_APART = "apart:"

_is_loading = False
_mains: list[ModuleType] = []
"""Modules that were ``__main__`` before: what runs may still be theirs."""


class ScriptRead(BaseException):
    """Ends the loading of a script in a worker where the script would start its run.

    No ``Exception``, so that the script's own handlers let it pass.
    """


def main_script() -> str:
    """The name of this process's script."""
    main = sys.modules.get("__main__")
    file: str | None = getattr(main, "__file__", None)
    if file is None or file.startswith("<"):  # standard input has a name like this
        return ""
    path = os.path.abspath(file)
    spec = getattr(main, "__spec__", None)
    if spec is None:
        return path
    folder = path
    for _ in range(spec.name.count(".") + 1):
        folder = os.path.dirname(folder)
    return f"{spec.name}@{folder}"


def apart(script: str) -> str:
    """The name by which a script is loaded beside ``__main__``."""
    return _APART + script.removeprefix(_APART)


def make_importable(script: str) -> None:
    """Let the modules beside the script be imported, as Python does for the script itself."""
    script = stand_in.script() or script.removeprefix(_APART)
    if not script or script == main_script():
        return
    # Python imports from beside the file that a link leads to.
    folder = os.path.dirname(os.path.realpath(script)) if _is_path(script) else script.partition("@")[2]
    if folder and folder not in sys.path:
        sys.path.insert(0, folder)


def module_of(script: str) -> ModuleType:
    """The script, or what stands for it, as a module: this process's own, or loaded now.

    Not to be called concurrently. Raises ``UsageError`` if there is no such script on this machine.
    """
    is_apart = script.startswith(_APART)
    script = stand_in.script() or script.removeprefix(_APART)
    if not script or (script == main_script() and not is_apart):
        return sys.modules["__main__"]
    make_importable(script)
    loaded = sys.modules.get(LOADED_AS)
    if loaded is not None and loaded.__dict__.get("__script__") == script:
        return loaded
    return _load(script)


def stop_if_loading() -> None:
    """Called where a run would start: a script being loaded in a worker goes no further."""
    if _is_loading:
        raise ScriptRead


def _load(script: str) -> ModuleType:
    global _is_loading
    path = script if _is_path(script) else _path_of_module(script)
    if not os.path.isfile(path):
        raise UsageError(f"the workflow's script {path} is not on this machine", "Put it where workers can read it")
    name = LOADED_AS if _is_path(script) else script.partition("@")[0]
    loader = SourcelessFileLoader(name, path) if path.endswith(".pyc") else SourceFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise InternalError(f"{path} has no module specification")
    module = importlib.util.module_from_spec(spec)
    module.__name__ = LOADED_AS  # what it imports relatively is found by its real name, as with python -m
    module.__dict__["__script__"] = script
    if _is_path(script):
        module.__spec__ = None  # as a script has none: by it, multiprocessing tells one from a module
    sys.modules[LOADED_AS] = module
    replaced = sys.modules["__main__"]
    if main_script() != script:
        _mains.append(replaced)
        sys.modules["__main__"] = module
    _is_loading = True
    try:
        exec(loader.get_code(name) or "", module.__dict__)
    except ScriptRead:
        pass  # everything above the start of its run is defined
    except BaseException:
        # Half of it is worse than none: who asks for it again, as a process forked from this one, is told why.
        del sys.modules[LOADED_AS]
        sys.modules["__main__"] = replaced
        raise
    finally:
        _is_loading = False
    return module


def _is_path(script: str) -> bool:
    return script.startswith(os.sep)


def _path_of_module(script: str) -> str:
    name, _, folder = script.partition("@")
    if folder:
        path = os.path.join(folder, *name.split(".")) + ".py"
        return path if os.path.isfile(path) or not os.path.isfile(f"{path}c") else f"{path}c"
    spec = importlib.util.find_spec(name)
    return (spec.origin if spec is not None else "") or name
