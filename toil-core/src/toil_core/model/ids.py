"""Identifiers: distinct types, so that one is never taken for another."""

from __future__ import annotations

from typing import NewType

JobId = NewType("JobId", str)
"""A job of a run. Roots are named by the front end; a job made by another job is ``<attempt>-<k>``."""

AttemptId = NewType("AttemptId", str)
"""One try at a job: ``<epoch>.<n>``, the n-th attempt that the epoch-th leader of the run issued.
Unique in a run whatever crashed in between, because no two leaders share an epoch."""

RunId = NewType("RunId", str)
"""A run: a random UUID, made with its job store."""
