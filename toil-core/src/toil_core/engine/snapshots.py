"""The whole state of a run as lines of a snapshot, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from toil_core.engine.node import NodeSnapshot
from toil_core.engine.state import State
from toil_core.model.wire import decode, encode


def snapshot_lines(state: State) -> list[str]:
    """A header line, then a line a job."""
    header = {
        "epoch": state.epoch,
        "issued": state.issued,
        "origin": state.origin,
        "files": sorted(state.base_files),
        "deleted": sorted(state.deleted),
    }
    return [json.dumps(header), *(json.dumps(encode(node), separators=(",", ":")) for node in state.snapshot())]


def restore_state(state: State, lines: Sequence[str]) -> None:
    """Put a snapshot's jobs into an empty state. The lines are known to be whole."""
    header = json.loads(lines[0])
    state.epoch, state.issued, state.origin = header["epoch"], header["issued"], header.get("origin", "")
    state.base_files.update(header["files"])
    state.deleted.update(header["deleted"])
    state.restore(decode(NodeSnapshot, json.loads(line)) for line in lines[1:])
