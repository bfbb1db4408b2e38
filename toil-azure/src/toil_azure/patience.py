"""How long who waits for the service."""

from __future__ import annotations

from toil_core.system.retry import Patience

RUN_PATIENCE = Patience(attempts=40, cap_seconds=15.0)
"""A run outlives a service that is away for about four minutes."""

FIRST_PATIENCE = Patience()
"""Whoever begins learns within some seconds that the service is not there."""

REMOVAL_PATIENCE = Patience(attempts=60, base_seconds=2.0, cap_seconds=8.0)
"""A container's name is free again 30 seconds after its removal, or some minutes, says the service's reference."""
