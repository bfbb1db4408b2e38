"""How a script ends that nothing keeps from it: an error of a run is one line, as a command's is."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from toil_core.errors import InternalError, ToilError

_log = logging.getLogger("toil")


def tell_uncaught() -> None:
    """From now on an error of ours that ends the program is one line, with the script's own; its exit code stays 1.

    With ``--log-level debug``, and for bugs of ours, there is a traceback besides. Who has replaced
    ``sys.excepthook``, such as a notebook or a debugger, keeps it.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, ToilError) or isinstance(error, InternalError):
        sys.__excepthook__(kind, error, trace)
        return
    if _log.isEnabledFor(logging.DEBUG):
        traceback.print_exception(kind, error, trace)
    print(f"{_place(trace)}: error: {error}", file=sys.stderr)


def _place(trace: TracebackType | None) -> str:
    """The script, and its line that the error came from."""
    script = getattr(sys.modules.get("__main__"), "__file__", None) or sys.argv[0]
    lines = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == script]
    return f"{script}:{lines[-1]}" if lines else script
