"""How much is logged, by upstream's names."""

from __future__ import annotations

import logging
from argparse import ArgumentParser, Namespace

root_logger = logging.getLogger()
toil_logger = logging.getLogger("toil")
DEFAULT_LOGLEVEL = logging.INFO

_LEVELS = {"TRACE": logging.DEBUG, "OFF": logging.CRITICAL + 1}
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


def add_logging_options(parser: ArgumentParser, default_level: int | None = None) -> None:
    """Give a parser ``--logLevel`` and its short forms, ``--logDebug`` and so on."""
    default = logging.getLevelName(DEFAULT_LOGLEVEL if default_level is None else default_level)
    parser.add_argument("--logLevel", default=default, help="Say this much: a level's name.")
    for name in _NAMES:
        parser.add_argument(f"--log{name}", dest="logLevel", action="store_const", const=name.upper())
