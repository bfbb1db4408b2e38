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


_EXPRESSION_TOOL = "Failed to evaluate expression:"  # a warning is all that cwltool has for it


class _Collector(logging.Handler):
    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.ERROR or message.startswith(_EXPRESSION_TOOL):
            self._errors.append(message.removeprefix(_EXPRESSION_TOOL).strip())
