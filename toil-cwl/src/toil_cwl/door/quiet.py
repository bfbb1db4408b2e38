"""cwltool's own log: silenced where its exceptions say the same, collected where nothing else does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_cwltool_log = logging.getLogger("cwltool")
for _name in ("salad", "cwl_utils"):  # they log what they then raise, with a traceback
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@contextmanager
def quiet_cwltool() -> Iterator[None]:
    """cwltool explains its exceptions to its own log as well; ours are told once."""
    level = _cwltool_log.level
    _cwltool_log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _cwltool_log.setLevel(level)


@contextmanager
def collected_errors() -> Iterator[list[str]]:
    """cwltool tells why a tool failed only to its log: collect that, and show it in the job's log."""
    errors: list[str] = []
    handler = _Collector(errors)
    _cwltool_log.addHandler(handler)
    try:
        yield errors
    finally:
        _cwltool_log.removeHandler(handler)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """What cwltool warns of: collected, and shown nowhere."""
    warnings: list[str] = []
    level, handlers = _cwltool_log.level, list(_cwltool_log.handlers)
    _cwltool_log.handlers[:] = [_Collector(warnings, everything=True)]
    _cwltool_log.setLevel(logging.INFO)
    try:
        yield warnings
    finally:
        _cwltool_log.handlers[:] = handlers
        _cwltool_log.setLevel(level)


_UNKNOWN_HINT = "Unknown hint"  # a mere remark
_EXPRESSION_TOOL = "Failed to evaluate expression:"  # a warning is all that cwltool has for it


class _Collector(logging.Handler):
    def __init__(self, told: list[str], *, everything: bool = False) -> None:
        super().__init__(logging.INFO)
        self._told = told
        self._least = logging.WARNING if everything else logging.ERROR
        self._also = _UNKNOWN_HINT if everything else _EXPRESSION_TOOL

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= self._least or self._also in message:
            self._told.append(message.removeprefix(_EXPRESSION_TOOL).strip())
