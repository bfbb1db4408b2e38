"""The markers of pluggy for this project."""

from __future__ import annotations

import pluggy

PROJECT = "toil"
"""The entry-point group, and pluggy's project name."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
