"""``--write-events``: every event as a line of JSON, for programs that watch a run."""

from __future__ import annotations

import json
from pathlib import Path

from toil_core.errors import UsageError
from toil_core.model.event import Event
from toil_core.model.wire import encode


class EventsFile:
    """Appends to a file, a line an event, each written whole. Fields that say nothing are left out."""

    def __init__(self, path: Path) -> None:
        """Raises ``UsageError`` if the file cannot be written."""
        try:
            self._out = path.open("ab", buffering=0)
        except OSError as error:
            raise UsageError(f"Cannot write events to {path}: {error.strerror}") from error

    def observe(self, event: Event) -> None:
        """Write one event."""
        wire = encode(event)
        line = {"event": wire.pop("kind"), **wire}
        self._out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
