"""How much is logged, by upstream's names."""

from __future__ import annotations

import logging
import os
import sys
import sysconfig
from argparse import ArgumentParser, Namespace
from contextlib import suppress

root_logger = logging.getLogger()
toil_logger = logging.getLogger("toil")
logger = logging.getLogger(__name__)
DEFAULT_LOGLEVEL = logging.INFO

_LEVELS = {"TRACE": logging.DEBUG, "OFF": logging.CRITICAL + 1}
_INSTALLED = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib"))
_shown = logging.StreamHandler()
_shown.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
_NAMES = ("Off", "Critical", "Error", "Warning", "Info", "Debug", "Trace")


def set_log_level(level: str | int, set_logger: logging.Logger | None = None) -> None:
    """Let a logger, by default the root of all, pass what is at least as grave as ``level``: a number,
    a name of ``logging``, ``OFF`` or ``TRACE``. Raises ``ValueError`` for another name."""
    found = _LEVELS.get(level.upper(), level.upper()) if isinstance(level, str) else level
    (set_logger or root_logger).setLevel(found)


def set_logging_from_options(options: Namespace) -> None:
    """Log as parsed options say."""
    configure_root_logger()
    set_log_level(options.logLevel or DEFAULT_LOGLEVEL)


def configure_root_logger() -> None:
    """Have log lines written to stderr, unless the program has its own handlers."""
    logging.basicConfig(format="[%(asctime)s] [%(levelname).1s] [%(name)s] %(message)s")


def show_script_log(options: Namespace) -> None:
    """Write what a script logs like the lines of its run, as long as the script has not arranged that itself.

    Libraries are heard only if they warn: some tell of every request to a service.
    """
    if root_logger.handlers and _shown not in root_logger.handlers:
        return
    _shown.setStream(sys.stderr)
    if _shown not in root_logger.handlers:
        root_logger.addHandler(_shown)
    level = getattr(options, "logLevel", None) or DEFAULT_LOGLEVEL
    with suppress(ValueError):  # the run itself refuses levels that there are not, with all that is known of them
        set_log_level(level)


def _is_of_script(record: logging.LogRecord) -> bool:
    is_ours = record.name.partition(".")[0] == toil_logger.name
    return is_ours or record.levelno >= logging.WARNING or not record.pathname.startswith(_INSTALLED)


_shown.addFilter(_is_of_script)


def add_logging_options(parser: ArgumentParser, default_level: int | None = None) -> None:
    """Give a parser ``--logLevel`` and its short forms, ``--logDebug`` and so on."""
    default = logging.getLevelName(DEFAULT_LOGLEVEL if default_level is None else default_level)
    parser.add_argument("--logLevel", default=default, help="Say this much: a level's name.")
    for name in _NAMES:
        parser.add_argument(f"--log{name}", dest="logLevel", action="store_const", const=name.upper())
