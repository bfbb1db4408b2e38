"""Log lines from jobs to the leader, by upstream's name."""

from __future__ import annotations

import logging
import sys
from typing import Any

from toil_core.errors import UsageError
from toil_core.workflow import current

_log = logging.getLogger("toil-rt")


class RealtimeLogger:
    """A logger for jobs: the leader logs the lines at once, from whatever machine; they are in the job's
    log as well. Used like a logger: ``RealtimeLogger.info("half of %s is done", name)``."""

    @classmethod
    def getLogger(cls) -> logging.Logger:
        """The logger behind this class."""
        if not _log.handlers:
            _log.addHandler(_ToLeader())
            _log.setLevel(logging.DEBUG)
            _log.propagate = False
        return _log

    @classmethod
    def log(cls, level: int, message: str, *args: Any, **kwargs: Any) -> None:
        """Log a line at a level."""
        cls.getLogger().log(level, message, *args, **kwargs)

    @classmethod
    def debug(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log a line that few want to read."""
        cls.log(logging.DEBUG, message, *args, **kwargs)

    @classmethod
    def info(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log a line."""
        cls.log(logging.INFO, message, *args, **kwargs)

    @classmethod
    def warning(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning."""
        cls.log(logging.WARNING, message, *args, **kwargs)

    warn = warning

    @classmethod
    def error(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log an error."""
        cls.log(logging.ERROR, message, *args, **kwargs)

    @classmethod
    def critical(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log what must not be missed."""
        cls.log(logging.CRITICAL, message, *args, **kwargs)

    @classmethod
    def exception(cls, message: str, *args: Any, **kwargs: Any) -> None:
        """Log an error with the traceback of the exception that is being handled."""
        cls.log(logging.ERROR, message, *args, exc_info=True, **kwargs)


class _ToLeader(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        try:
            running = current()
        except UsageError:  # the leader itself logs
            logging.getLogger("toil").log(record.levelno, "%s", text)
            return
        print(text, file=sys.stderr)  # to the job's own log, at once
        running.say(text, record.levelno)
