"""The error for a job that can never fit."""

from __future__ import annotations

from toil_core.errors import InsufficientResources

InsufficientSystemResources = InsufficientResources

__all__ = ["InsufficientSystemResources"]
